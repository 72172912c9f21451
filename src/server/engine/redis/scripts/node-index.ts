import { defineScript } from "../script.js";

// What a node has: a set of texts, each of which occurs once in the life of all nodes, of the tag of the node. Each script is
// atomic, takes one round trip, and does no harm if it is made again.

/** Adds a text. O(1). */
export const addToIndex = defineScript({
  name: "add to what a node has",
  kind: "idempotent",
  keys: ["index:"],
  args: ["entry"],
  lua: "return redis.call('SADD', index, entry)",
});

/** Removes the texts of the rest. O(texts). */
export const removeFromIndex = defineScript({
  name: "remove from what a node has",
  kind: "idempotent",
  keys: ["index:"],
  args: [],
  lua: "return redis.call('SREM', index, unpack(ARGV, rest))",
});

/** Some of the texts, each once. O(limit), and O(all) where that is more than a third of all. */
export const someOfIndex = defineScript({
  name: "some of what a node has",
  kind: "read",
  keys: ["index:"],
  args: ["limit"],
  lua: "return redis.call('SRANDMEMBER', index, limit)",
});
