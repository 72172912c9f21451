import type { Clock } from "../runtime.js";
import type { TokenClaims, TokenVerifier } from "./token-verifier.js";

/** How many good tokens are remembered; the oldest goes first. A token takes about half a KiB. */
const tokensMax = 10_000;

/**
 * A verifier that remembers good tokens until they expire: a client sends the same one with each unary call, and checking a
 * signature costs more than most calls.
 */
export function rememberTokens(verifier: TokenVerifier, clock: Clock): TokenVerifier {
  const known = new Map<string, TokenClaims>();
  return {
    async verify(token) {
      const claims = known.get(token);
      if (claims !== undefined && (claims.expiresAtMs === 0 || clock.now() < claims.expiresAtMs)) return { ok: true, claims };
      known.delete(token);
      const verified = await verifier.verify(token);
      if (!verified.ok) return verified;
      const [oldest] = known.keys();
      if (known.size >= tokensMax && oldest !== undefined) known.delete(oldest);
      known.set(token, verified.claims);
      return verified;
    },
  };
}
