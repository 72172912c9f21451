import { defineScript } from "../script.js";

/**
 * Makes the tokens worthless that were issued before a time; never an earlier one than before.
 *
 * Atomic. Keys: `revoked`, the time. Cost: O(1); 2 commands in one round trip.
 */
export const revokeTokens = defineScript({
  name: "revoke tokens",
  kind: "idempotent",
  keys: ["revoked"],
  args: ["issuedBefore"],
  lua: `
if tonumber(issuedBefore) > tonumber(redis.call('GET', revoked) or 0) then redis.call('SET', revoked, issuedBefore) end
return 0`,
});

/** The time before which tokens are worthless; 0 for none. Keys: `revoked`. Cost: O(1); 1 command in one round trip. */
export const findRevocation = defineScript({
  name: "find a revocation",
  kind: "read",
  keys: ["revoked"],
  args: [],
  lua: "return redis.call('GET', revoked) or 0",
});
