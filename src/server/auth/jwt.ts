// Tokens as JSON Web Tokens (RFC 7519). The claims: `sub` the user, `app` the app, `exp`, and optionally `iat`, `jti`
// and `rights`. The header's `typ` is "aldis+jwt", so that a token made for something else with the same key is none.
import { type CompactJWSHeaderParameters, compactVerify, errors, SignJWT } from "jose";
import { z } from "zod";
import { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { type Runtime, randomId } from "../runtime.js";
import type { TokenKey } from "./token-key.js";
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
  /** The app whose tokens the keys sign. */
  readonly appId: string;
  readonly keys: readonly TokenKey[];
  readonly limits: Pick<Limits, "tokenBytes">;
  readonly runtime: Runtime;
}

export function createJwtVerifier({ appId, keys, limits, runtime }: JwtVerifierOptions): TokenVerifier {
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))];

  function keyFor(header: CompactJWSHeaderParameters): Uint8Array {
    const key = keys.find(({ algorithm }) => algorithm === header.alg);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key.secret;
  }

  return {
    async verify(token) {
      if (token === "") return invalid("there is no token; get one from whoever runs the application");
      if (Buffer.byteLength(token) > limits.tokenBytes) return invalid(`the token is longer than ${limits.tokenBytes} bytes`);
      try {
        const { protectedHeader, payload } = await compactVerify(token, keyFor, { algorithms });
        if (protectedHeader.typ !== tokenType) return invalid(`the token's header must say "typ": "${tokenType}"`);
        if (protectedHeader.crit !== undefined) return invalid(`the token's header must not say "crit"`);
        return readClaims(JSON.parse(strictText.decode(payload)), appId, runtime.clock.now());
      } catch (thrown) {
        return refusal(thrown);
      }
    },
  };
}

function readClaims(payload: unknown, appId: string, nowMs: number): VerifyResult {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) {
    const [issue] = claims.error.issues;
    return invalid(`the token's claim "${issue?.path.join(".")}" is missing or malformed`);
  }
  const { app, sub, iat, exp, rights } = claims.data;
  const issuedAtMs = Math.floor(iat * 1000);
  const expiresAtMs = Math.floor(exp * 1000);
  if (app !== appId) return invalid("the token is for another app; get one for this app");
  if (issuedAtMs > nowMs + skewMs)
    return invalid("the token was issued in the future; check the clock of the one who issues it");
  if (expiresAtMs <= nowMs - skewMs) {
    return { ok: false, code: ErrorCode.TOKEN_EXPIRED, message: "the token has expired; get a new one" };
  }
  return { ok: true, claims: { appId: app, userId: sub, issuedAtMs, expiresAtMs, rights: TokenRights.create(rights) } };
}

function refusal(thrown: unknown): VerifyResult {
  if (thrown instanceof errors.JWSSignatureVerificationFailed) {
    return invalid("the token's signature is wrong; it was made with another key, or was changed");
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed || thrown instanceof errors.JWKSNoMatchingKey) {
    return invalid("the token is signed with an algorithm that the server has no key for");
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
  readonly key: TokenKey;
  readonly runtime: Runtime;
}

/** Makes a token that `createJwtVerifier` with the same app and key takes. */
export function issueToken(request: IssueRequest): Promise<string> {
  const { appId, userId, validForMs = dayMs, rights, key, runtime } = request;
  const nowMs = runtime.clock.now();
  return new SignJWT({ app: appId, ...(rights && { rights }) })
    .setProtectedHeader({ alg: key.algorithm, typ: tokenType })
    .setSubject(userId)
    .setIssuedAt(Math.floor(nowMs / 1000))
    .setExpirationTime(Math.ceil((nowMs + validForMs) / 1000))
    .setJti(randomId(runtime))
    .sign(key.secret);
}
