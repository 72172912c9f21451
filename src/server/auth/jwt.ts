// Tokens as JSON Web Tokens (RFC 7519). The claims: `sub` the user, `app` the app, `exp`, and optionally `iat`, `jti`
// `nbf`, `aud`, `iss` and `rights`. The header's `typ` is "aldis+jwt", so that a token made for something else with the same key is none.
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, SignJWT } from "jose";
import { z } from "zod";
import { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { type Runtime, randomId } from "../runtime.js";
import { type App, type AppDirectory, KeysUnavailable } from "./app.js";
import type { SecretTokenKey, TokenKey } from "./token-key.js";
import type { TokenVerifier, VerifyResult } from "./token-verifier.js";

const tokenType = "aldis+jwt";
/** How far the clocks of the one who issues and of the server may differ. */
const skewMs = 30_000;
const dayMs = 24 * 60 * 60 * 1000;

const strictText = new TextDecoder("utf-8", { fatal: true });

/** Seconds since 1970, up to what a JavaScript date can hold. */
const seconds = z.number().min(0).max(8.64e12);

const claimsSchema = z.object({
  sub: z.string().min(1),
  app: z.string().min(1),
  iat: seconds.default(0),
  exp: seconds,
  nbf: seconds.default(0),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  iss: z.string().optional(),
  // Strict: a restriction that this server does not know must not be overlooked.
  rights: z
    .strictObject({
      join: z.array(z.string()),
      send: z.array(z.string()),
      sendFromOutside: z.array(z.string()),
      readOnly: z.boolean(),
    })
    .partial()
    .default({}),
});

export interface JwtVerifierOptions {
  readonly apps: AppDirectory;
  readonly limits: Pick<Limits, "tokenBytes">;
  readonly runtime: Runtime;
}

/** A verifier of the tokens of all apps. A token's own word says which app it is for, and the keys of that app whether it is true. */
export function createJwtVerifier({ apps, limits, runtime }: JwtVerifierOptions): TokenVerifier {
  return {
    serves: (appId) => apps.find(appId) !== undefined,
    async verify(token) {
      if (token === "") return invalid("there is no token; get one from whoever runs the application");
      if (Buffer.byteLength(token) > limits.tokenBytes) return invalid(`the token is longer than ${limits.tokenBytes} bytes`);
      try {
        const { typ, crit, alg, kid } = decodeProtectedHeader(token);
        // The only word that is believed before the signature is checked: it chooses the keys that have to prove it.
        const named = decodeJwt(token).app;
        if (typeof named !== "string") return invalid(`the token's claim "app" is missing or malformed`);
        const app = apps.find(named);
        if (app === undefined) return invalid("the token is for another app; get one for this app");
        const keys = await app.keys.find({ algorithm: alg ?? "", id: kid });
        const payload = await checkSignature(token, keys);
        if (typ !== tokenType) return invalid(`the token's header must say "typ": "${tokenType}"`);
        if (crit !== undefined) return invalid(`the token's header must not say "crit"`);
        return checkClaims(JSON.parse(strictText.decode(payload)), app, runtime.clock.now());
      } catch (thrown) {
        return refusal(thrown);
      }
    },
  };
}

/** The payload of a token that one of the keys has signed: tokens that name no key may be signed with any. */
async function checkSignature(token: string, keys: readonly TokenKey[]): Promise<Uint8Array> {
  let failure: unknown = new errors.JWKSNoMatchingKey();
  for (const key of keys) {
    try {
      return (await compactVerify(token, "secret" in key ? key.secret : key.publicKey, { algorithms: [key.algorithm] }))
        .payload;
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}

function checkClaims(payload: unknown, app: App, nowMs: number): VerifyResult {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) {
    const [issue] = claims.error.issues;
    const unknown = issue?.code === "unrecognized_keys" ? `: this server does not know ${issue.keys.join(", ")}` : "";
    return invalid(`the token's claim "${issue?.path.join(".")}" is missing or malformed${unknown}`);
  }
  const { app: appId, sub, iat, exp, nbf, aud, iss, rights } = claims.data;
  if (appId !== app.id) return invalid("the token is for another app; get one for this app");
  const issuedAtMs = Math.round(iat * 1000);
  const expiresAtMs = Math.floor(exp * 1000);
  if (app.audience !== undefined && ![aud].flat().includes(app.audience)) return invalid("the token is for another audience");
  if (app.issuer !== undefined && iss !== app.issuer) return invalid("the token is by another issuer");
  if (Math.max(iat, nbf) * 1000 > nowMs + skewMs)
    return invalid("the token is of the future; check the clock of the one who issues it");
  if (expiresAtMs <= nowMs - skewMs) {
    return { ok: false, code: ErrorCode.TOKEN_EXPIRED, message: "the token has expired; get a new one" };
  }
  return { ok: true, claims: { appId, userId: sub, issuedAtMs, expiresAtMs, rights: TokenRights.create(rights) } };
}

function refusal(thrown: unknown): VerifyResult {
  if (thrown instanceof KeysUnavailable) return { ok: false, code: ErrorCode.UNAVAILABLE, message: thrown.message };
  if (thrown instanceof errors.JWSSignatureVerificationFailed) {
    return invalid("the token's signature is wrong; it was made with another key, or was changed");
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed || thrown instanceof errors.JWKSNoMatchingKey) {
    return invalid("the server has no key with the token's algorithm and key id");
  }
  return invalid("the token is not a JSON Web Token");
}

function invalid(message: string): VerifyResult {
  return { ok: false, code: ErrorCode.INVALID_TOKEN, message };
}

export interface IssueRequest {
  readonly appId: string;
  readonly userId: string;
  /** How long the token is valid, in milliseconds; by default 24 hours. */
  readonly validForMs?: number;
  /** What it allows; by default all that an ordinary user may do. */
  readonly rights?: Partial<TokenRights>;
  readonly key: SecretTokenKey;
  readonly runtime: Runtime;
}

/** Makes a token that `createJwtVerifier` with the same app and key takes. */
export function issueToken(request: IssueRequest): Promise<string> {
  const { appId, userId, validForMs = dayMs, rights, key, runtime } = request;
  const nowMs = runtime.clock.now();
  return (
    new SignJWT({ app: appId, ...(rights && { rights }) })
      .setProtectedHeader({ alg: key.algorithm, typ: tokenType, ...(key.id !== undefined && { kid: key.id }) })
      .setSubject(userId)
      // To the millisecond: a token that is made right after others were revoked is good.
      .setIssuedAt(nowMs / 1000)
      .setExpirationTime(Math.ceil((nowMs + validForMs) / 1000))
      .setJti(randomId(runtime))
      .sign(key.secret)
  );
}
