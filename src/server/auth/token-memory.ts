import type { Clock } from "../runtime.js";
import type { TokenClaims, TokenVerifier } from "./token-verifier.js";

/** How many good tokens are remembered; the oldest goes first. A token takes about half a KiB. */
const tokensMax = 10_000;

/**
 * A verifier that remembers good tokens until they expire: a client sends the same one with each unary call, and checking a
 * signature costs more than most calls. `revision` is another number when keys have changed: then all are forgotten.
 */
export function rememberTokens(verifier: TokenVerifier, clock: Clock, revision: () => number): TokenVerifier {
  const known = new Map<string, TokenClaims>();
  let knownRevision = revision();
  return {
    serves: (appId) => verifier.serves(appId),
    async verify(token) {
      const current = revision();
      if (current !== knownRevision) known.clear();
      knownRevision = current;
      const claims = known.get(token);
      if (claims !== undefined && (claims.expiresAtMs === 0 || clock.now() < claims.expiresAtMs)) return { ok: true, claims };
      known.delete(token);
      const verified = await verifier.verify(token);
      if (!verified.ok || revision() !== current) return verified;
      const [oldest] = known.keys();
      if (known.size >= tokensMax && oldest !== undefined) known.delete(oldest);
      known.set(token, verified.claims);
      return verified;
    },
  };
}
