import { defineScript } from "../script.js";

/**
 * The first entries of one part of an index, up to a time, with their times.
 *
 * Atomic. Keys: `due:INDEX`, a sorted set by time. Cost: O(log(entries) + entries given); 1 command in one round trip.
 */
export const firstEntries = defineScript({
  name: "first entries of an index",
  kind: "read",
  keys: ["due:"],
  args: ["upTo", "limit"],
  lua: "return redis.call('ZRANGEBYSCORE', due, '-inf', upTo, 'WITHSCORES', 'LIMIT', 0, limit)",
});
