import { defineScript } from "../script.js";

/**
 * Forgets a channel's log: whoever uses it next begins a new epoch. What was appended under a name keeps its place.
 *
 * Atomic. Keys: the position `log` and the list `history`. Cost: O(records).
 */
export const forgetRecords = defineScript({
  name: "forget records",
  kind: "idempotent",
  keys: ["log", "history"],
  args: [],
  lua: "return redis.call('DEL', log, history)",
});
