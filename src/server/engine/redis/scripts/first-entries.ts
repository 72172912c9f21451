import { defineScript } from "../script.js";

/**
 * The first entries of parts of an index, up to a time, with their times: a list for each part.
 *
 * Atomic. Keys: `due:INDEX` of each part, a sorted set by time. Cost: O(log(entries) + entries given) and 1 command for each part;
 * one round trip.
 */
export const firstEntries = defineScript({
  name: "first entries of an index",
  kind: "read",
  keys: ["due:"],
  args: ["upTo", "limit"],
  lua: `
local found = {}
for part = 1, #KEYS do
  found[part] = redis.call('ZRANGEBYSCORE', KEYS[part], '-inf', upTo, 'WITHSCORES', 'LIMIT', 0, limit)
end
return found`,
});
