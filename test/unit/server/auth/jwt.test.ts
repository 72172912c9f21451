import { createHmac, generateKeyPairSync } from "node:crypto";
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { fixedKeys, singleApp } from "../../../../src/server/auth/app.js";
import { createJwtVerifier, issueToken } from "../../../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../../../src/server/auth/token-key.js";
import { fixedRuntime } from "./fixed-runtime.js";

const nowMs = 1_800_000_000_000;
const now = nowMs / 1000;
const key = secretTokenKey("a secret that is at least 32 bytes long");
const verifierAt = (ms: number) =>
  createJwtVerifier({
    apps: singleApp({ id: "dev", keys: fixedKeys([key]) }),
    limits: { tokenBytes: 4096 },
    runtime: fixedRuntime(ms),
  });
const verifier = verifierAt(nowMs);

const goodClaims: JWTPayload = { sub: "alice", app: "dev", iat: now, exp: now + 60 };
const goodHeader: JWTHeaderParameters = { alg: "HS256", typ: "aldis+jwt" };

function sign(claims: JWTPayload, header = goodHeader): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key.secret);
}

/** A token from raw texts, for what no library would make. */
function signRaw(header: string, payload: string | Buffer, secret: Uint8Array | string = key.secret): string {
  const signed = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const rawHeader = JSON.stringify(goodHeader);

describe("a JWT verifier", () => {
  it("takes a token that was issued with its key, and tells what it says", async () => {
    const token = await issueToken({ appId: "dev", userId: "alice", key, runtime: fixedRuntime(nowMs) });

    const result = await verifier.verify(token);

    expect(result).toEqual({
      ok: true,
      claims: {
        appId: "dev",
        userId: "alice",
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + 86_400_000,
        rights: { join: [], send: [], sendFromOutside: [], readOnly: false },
      },
    });
  });

  it("tells the rights of a token", async () => {
    const rights = { join: ["room-*"], sendFromOutside: ["news"], readOnly: true };
    const token = await issueToken({ appId: "dev", userId: "alice", rights, key, runtime: fixedRuntime(nowMs) });

    const result = await verifier.verify(token);

    expect(result).toMatchObject({ ok: true, claims: { rights: { ...rights, send: [] } } });
  });

  it.each([
    ["still takes a token 1 ms before the end of the skew", nowMs + 89_999, undefined],
    ["calls a token expired at the end of the skew", nowMs + 90_000, ErrorCode.TOKEN_EXPIRED],
    ["still takes a token that was issued within the skew of the future", nowMs - 30_000, undefined],
    ["refuses a token from further in the future", nowMs - 30_001, ErrorCode.INVALID_TOKEN],
  ])("%s", async (_, clockMs, code) => {
    const token = await issueToken({
      appId: "dev",
      userId: "alice",
      validForMs: 60_000,
      key,
      runtime: fixedRuntime(nowMs),
    });

    const result = await verifierAt(clockMs).verify(token);

    expect(result.ok ? undefined : result.code).toBe(code);
  });

  it.each<[string, () => string | Promise<string>, RegExp]>([
    ["an empty text", () => "", /no token/],
    ["a text that is no token", () => "not.a.token", /not a JSON Web Token/],
    ["a good token that is too long", () => sign({ ...goodClaims, jti: "x".repeat(4096) }), /longer than 4096 bytes/],
    ["a token signed with another key", () => signRaw(rawHeader, JSON.stringify(goodClaims), "x".repeat(32)), /signature/],
    [
      "the algorithm none",
      () => `${signRaw('{"alg":"none","typ":"aldis+jwt"}', JSON.stringify(goodClaims)).replace(/[^.]*$/, "")}`,
      /algorithm/,
    ],
    [
      "the algorithm none in capitals",
      () => signRaw('{"alg":"NONE","typ":"aldis+jwt"}', JSON.stringify(goodClaims)),
      /algorithm/,
    ],
    ["another HMAC than the key is for", () => sign(goodClaims, { ...goodHeader, alg: "HS512" }), /algorithm/],
    ["an ordinary JWT with the same key", () => sign(goodClaims, { alg: "HS256", typ: "JWT" }), /"typ": "aldis\+jwt"/],
    ["a token without a type", () => sign(goodClaims, { alg: "HS256" }), /typ/],
    ["a critical header", () => sign(goodClaims, { ...goodHeader, b64: true, crit: ["b64"] }), /crit/],
    ["another app", () => sign({ ...goodClaims, app: "other" }), /another app/],
    ["no user", () => sign({ ...goodClaims, sub: undefined }), /"sub"/],
    ["an empty user", () => sign({ ...goodClaims, sub: "" }), /"sub"/],
    ["a user that is a number", () => signRaw(rawHeader, JSON.stringify({ ...goodClaims, sub: 7 })), /"sub"/],
    ["no app", () => sign({ ...goodClaims, app: undefined }), /"app"/],
    ["no expiry", () => sign({ ...goodClaims, exp: undefined }), /"exp"/],
    ["an expiry beyond all dates", () => sign({ ...goodClaims, exp: 1e300 }), /"exp"/],
    [
      "a right that the server does not know",
      () => sign({ ...goodClaims, rights: { fly: true } }),
      /"rights".*does not know fly/,
    ],
    ["claims that are no object", () => signRaw(rawHeader, "null"), /not a JSON Web Token/],
    ["claims that are ill-formed UTF-8", () => signRaw(rawHeader, Buffer.from([0x22, 0xff, 0x22])), /not a JSON Web Token/],
    ["claims that hide in a prototype", () => signRaw(rawHeader, `{"__proto__":${JSON.stringify(goodClaims)}}`), /"app"/],
  ])("refuses %s", async (_, makeToken, message) => {
    const result = await verifier.verify(await makeToken());

    expect(result).toEqual({ ok: false, code: ErrorCode.INVALID_TOKEN, message: expect.stringMatching(message) });
  });

  it("refuses a token that was changed, wherever it was changed", async () => {
    const token = await sign(goodClaims);
    const changed = [...token].map(
      (letter, index) => token.slice(0, index) + (letter === "Q" ? "g" : "Q") + token.slice(index + 1),
    );

    const results = await Promise.all(changed.map((text) => verifier.verify(text)));

    expect(results.filter((result) => result.ok)).toEqual([]);
  });

  it("does not take a token of a public key for one of a secret", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const publicText = publicKey.export({ type: "spki", format: "pem" }).toString();
    const byPublicKey = signRaw(rawHeader, JSON.stringify(goodClaims), publicText);
    const byPrivateKey = await new SignJWT(goodClaims).setProtectedHeader({ ...goodHeader, alg: "RS256" }).sign(privateKey);

    const results = [await verifier.verify(byPublicKey), await verifier.verify(byPrivateKey)];

    expect(results.map((result) => result.ok)).toEqual([false, false]);
  });

  it("gives each token an id of its own", async () => {
    const runtime = fixedRuntime(nowMs);

    const first = await issueToken({ appId: "dev", userId: "alice", key, runtime });
    const second = await issueToken({ appId: "dev", userId: "alice", key, runtime });

    expect(first).not.toBe(second);
  });
});
