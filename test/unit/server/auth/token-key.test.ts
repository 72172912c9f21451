import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { type JWTHeaderParameters, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { fixedKeys, singleApp } from "../../../../src/server/auth/app.js";
import { createJwtVerifier, issueToken } from "../../../../src/server/auth/jwt.js";
import { publicTokenKey, secretTokenKey, type TokenKey } from "../../../../src/server/auth/token-key.js";
import { fixedRuntime } from "./fixed-runtime.js";

const nowMs = 1_800_000_000_000;
const runtime = fixedRuntime(nowMs);

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const pairs = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  PS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ES384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  EdDSA: generateKeyPairSync("ed25519"),
} as const;
const algorithms = Object.keys(pairs) as (keyof typeof pairs)[];

function sign(
  privateKey: KeyObject | Uint8Array,
  header: Partial<JWTHeaderParameters> & { readonly alg: string },
  claims = {},
) {
  return new SignJWT({ app: "dev", sub: "alice", exp: nowMs / 1000 + 60, ...claims })
    .setProtectedHeader({ typ: "aldis+jwt", ...header })
    .sign(privateKey);
}

function verifierWith(keys: readonly TokenKey[], rules: { readonly audience?: string; readonly issuer?: string } = {}) {
  const apps = singleApp({ id: "dev", keys: fixedKeys(keys), ...rules });
  return createJwtVerifier({ apps, limits: { tokenBytes: 4096 }, runtime });
}

describe("a public key", () => {
  it.each(algorithms)("takes tokens of %s and of no other key of its kind", async (alg) => {
    const verifier = verifierWith([publicTokenKey(pem(pairs[alg].publicKey), undefined, alg)]);
    const other = alg === "EdDSA" ? generateKeyPairSync("ed25519") : pairs[alg === "RS256" ? "PS256" : "RS256"];

    const good = await verifier.verify(await sign(pairs[alg].privateKey, { alg }));
    const forged = await verifier.verify(
      await sign(other.privateKey, { alg: alg === "EdDSA" ? alg : alg === "RS256" ? alg : "RS256" }),
    );

    expect(good.ok).toBe(true);
    expect(forged.ok).toBe(false);
  });

  it("can be a JSON Web Key", async () => {
    const jwk = pairs.ES256.publicKey.export({ format: "jwk" });

    const result = await verifierWith([publicTokenKey(jwk)]).verify(await sign(pairs.ES256.privateKey, { alg: "ES256" }));

    expect(result.ok).toBe(true);
  });

  it("is no secret for tokens that are signed with its text", async () => {
    const text = pem(pairs.RS256.publicKey);
    const verifier = verifierWith([publicTokenKey(text)]);

    const result = await verifier.verify(await sign(new TextEncoder().encode(text), { alg: "HS256" }));

    expect(result).toMatchObject({ ok: false, message: expect.stringContaining("no key with the token's algorithm") });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "a private key",
      () => publicTokenKey(pairs.ES256.privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
      /private key/,
    ],
    ["a private JSON Web Key", () => publicTokenKey(pairs.ES256.privateKey.export({ format: "jwk" })), /private key/],
    ["a weak key", () => publicTokenKey(pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey)), /2048 bits/],
    ["another curve", () => publicTokenKey(pem(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey)), /P-256/],
    [
      "a key for another algorithm",
      () => publicTokenKey(pem(pairs.ES256.publicKey), "a", "RS256"),
      /does not fit RS256; it fits ES256/,
    ],
    ["a text that is no key", () => publicTokenKey("hello"), /./],
  ])("is not %s", (_, read, message) => {
    expect(read).toThrow(message);
  });
});

describe("several keys", () => {
  const [first, second] = [secretTokenKey("x".repeat(32), "first"), secretTokenKey("y".repeat(32), "second")];
  const verifier = verifierWith([first, second]);

  it("take tokens that name one of them, so that keys can be changed while tokens live", async () => {
    const tokens = await Promise.all([first, second].map((key) => issueToken({ appId: "dev", userId: "alice", key, runtime })));

    const results = await Promise.all(tokens.map((token) => verifier.verify(token)));

    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
  });

  it("refuse a token that names one and is signed with another", async () => {
    const result = await verifier.verify(await sign(first.secret, { alg: "HS256", kid: "second" }));

    expect(result).toMatchObject({ ok: false, message: expect.stringContaining("signature") });
  });

  it("refuse a token that names an unknown one", async () => {
    const result = await verifier.verify(await sign(first.secret, { alg: "HS256", kid: "third" }));

    expect(result.ok).toBe(false);
  });

  it("are tried one after another for a token that names none", async () => {
    const result = await verifier.verify(await sign(second.secret, { alg: "HS256" }));

    expect(result.ok).toBe(true);
  });
});

describe("rules of an app", () => {
  const key = secretTokenKey("x".repeat(32));
  const verifier = verifierWith([key], { audience: "aldis", issuer: "us" });

  it.each([
    ["takes", { aud: "aldis", iss: "us" }, true],
    ["takes, among several audiences,", { aud: ["other", "aldis"], iss: "us" }, true],
    ["refuses, without an audience,", { iss: "us" }, false],
    ["refuses, for another audience,", { aud: "other", iss: "us" }, false],
    ["refuses, by another issuer,", { aud: "aldis", iss: "them" }, false],
    ["refuses, before its time,", { aud: "aldis", iss: "us", nbf: nowMs / 1000 + 31 }, false],
    ["takes, within the skew before its time,", { aud: "aldis", iss: "us", nbf: nowMs / 1000 + 30 }, true],
  ])("%s a token", async (_, claims, ok) => {
    const result = await verifier.verify(await sign(key.secret, { alg: "HS256" }, claims));

    expect(result.ok).toBe(ok);
  });
});
