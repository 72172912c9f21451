import { defineScript } from "../script.js";

// A set of attributes is stored as one text, "stamp revision due idle attributes": a stamp that is another one after each change, the
// revision, when the timer is due ("-" for none), whether it is an idle one, and the attributes as JSON. It lies in one slot with the
// index of timers, so a set and its timer change together and no timer is ever lost, or found without its set.

/** `index(due, idle)` sets the timer of an owner in the index, and removes the former one. */
const indexing = `
local function index(due, idle)
  redis.call('ZREM', duetimers, '0' .. owner, '1' .. owner)
  if due ~= '-' then redis.call('ZADD', duetimers, due, idle .. owner) end
end
local stamp, revision, due, idle, at = string.match(redis.call('GETRANGE', set, 0, 127), '^(%S+) (%d+) (%S+) ([01]) ()')
`;

/**
 * Replaces a set if it has the expected stamp ("" for no set). Gives {1}, or {0, the present set}.
 *
 * Atomic. Keys: `set:OWNER`; `due:timers`, a sorted set of "idle owner" by time. Cost: O(size of the set + log(timers)); 4 commands in
 * one round trip.
 */
export const replaceSet = defineScript({
  name: "replace attributes",
  kind: "change",
  keys: ["set:", "due:timers"],
  args: ["owner", "expected", "newDue", "newIdle", "value"],
  lua: `${indexing}
if (stamp or '') ~= expected then return {0, redis.call('GET', set) or ''} end
redis.call('SET', set, value)
index(newDue, newIdle)
return {1}`,
});

/**
 * Gives a set another timer if it has the expected one. Gives 1, or 0.
 *
 * Atomic. Keys as those of a replacement. Cost: O(size of the set + log(timers)); 5 commands in one round trip.
 */
export const setAttributeTimer = defineScript({
  name: "set the timer of attributes",
  kind: "change",
  keys: ["set:", "due:timers"],
  args: ["owner", "expectedDue", "expectedIdle", "newStamp", "newDue", "newIdle"],
  lua: `${indexing}
if due ~= expectedDue or idle ~= expectedIdle then return 0 end
local attributes = string.sub(redis.call('GET', set), at)
redis.call('SET', set, table.concat({newStamp, revision, newDue, newIdle, attributes}, ' '))
index(newDue, newIdle)
return 1`,
});

/**
 * Forgets a set if it has the expected timer. Gives 1, or 0.
 *
 * Atomic. Keys as those of a replacement. Cost: O(log(timers)); 3 commands in one round trip.
 */
export const dropSet = defineScript({
  name: "drop attributes",
  kind: "change",
  keys: ["set:", "due:timers"],
  args: ["owner", "expectedDue", "expectedIdle"],
  lua: `${indexing}
if due ~= expectedDue or idle ~= expectedIdle then return 0 end
redis.call('DEL', set)
index('-', '0')
return 1`,
});

/** Reads a set as it is stored; "" for none. Keys: `set:OWNER`. Cost: O(size of the set); 1 command in one round trip. */
export const readSet = defineScript({
  name: "read attributes",
  kind: "read",
  keys: ["set:"],
  args: [],
  lua: "return redis.call('GET', set) or ''",
});
