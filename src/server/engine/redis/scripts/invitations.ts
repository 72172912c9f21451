import { defineScript } from "../script.js";

// All invitations of an app lie in one slot, so that an invitation, its unique key, the lists of its two users and its timer change
// in one atomic step. Several apps share the slot. Its keys are `records`, a hash by app and id; `unique`, a hash from app and unique
// key to app and id; `live`, a sorted set without scores of "app, user, number, app and id", in whose order a user's invitations
// follow each other, the oldest first; `numbers`, the last number given; `due:timers` and `due:ended`, sorted sets of app and id by
// time. An app changes as many invitations as one core of Redis can: some 10,000 a second.

const keys = ["records", "unique", "live", "numbers", "due:timers", "due:ended"] as const;

/** What an invitation has, as `put` stores it. `caller` and `callee` are the beginnings of their entries in `live`. */
const fields = [
  "id",
  "caller",
  "callee",
  "uniqueId",
  "uniqueKey",
  "version",
  "dueAt",
  "isOver",
  "offlineMs",
  "receiveMs",
  "answerMs",
  "invitation",
] as const;

const putting = `
local function put(number)
  local record = {version, number, dueAt, uniqueKey, offlineMs, receiveMs, answerMs, invitation}
  redis.call('HSET', records, id, cmsgpack.pack(record))
  local ofCaller, ofCallee = caller .. number .. id, callee .. number .. id
  if isOver == '1' then
    redis.call('ZREM', live, ofCaller, ofCallee)
    if uniqueKey ~= '' and redis.call('HGET', unique, uniqueId) == id then redis.call('HDEL', unique, uniqueId) end
    redis.call('ZADD', dueended, 'NX', now, id)
  else
    redis.call('ZADD', live, 0, ofCaller, 0, ofCallee)
    if uniqueKey ~= '' then redis.call('HSET', unique, uniqueId, id) end
  end
  if dueAt == '0' then redis.call('ZREM', duetimers, id) else redis.call('ZADD', duetimers, dueAt, id) end
end
`;

/**
 * Adds an invitation. Gives 0, 1 if its id is taken, or 2 if its unique key is.
 *
 * Atomic. Cost: O(log(invitations of the part)); at most 7 commands in one round trip.
 */
export const createInvitation = defineScript({
  name: "create an invitation",
  kind: "change",
  keys,
  args: fields,
  lua: `${putting}
if redis.call('HEXISTS', records, id) == 1 then return 1 end
if uniqueKey ~= '' and redis.call('HEXISTS', unique, uniqueId) == 1 then return 2 end
put(string.format('%016d', redis.call('INCR', numbers)))
return 0`,
});

/**
 * Replaces an invitation if its version is the expected one. Gives 1, or 0.
 *
 * Atomic. Cost: O(log(invitations of the part)); at most 7 commands in one round trip.
 */
export const replaceInvitation = defineScript({
  name: "replace an invitation",
  kind: "change",
  keys,
  args: [...fields, "expected"],
  lua: `${putting}
local stored = redis.call('HGET', records, id)
if not stored then return 0 end
local present = cmsgpack.unpack(stored)
if present[1] ~= expected then return 0 end
put(present[2])
return 1`,
});

/**
 * Reads invitations by app and id, or, with a user, that user's live ones, the oldest first. Gives their app and id, and their fields;
 * nothing for one that is not there.
 *
 * Atomic. Cost: O(log(invitations of the part) + invitations given); 1 command for each, and 1 for a user, in one round trip.
 */
export const readInvitations = defineScript({
  name: "read invitations",
  kind: "read",
  keys: ["records", "live"],
  args: ["user"],
  lua: `
local ids, found = {}, {}
for index = rest, #ARGV do table.insert(ids, ARGV[index]) end
if user ~= '' then
  for _, entry in ipairs(redis.call('ZRANGEBYLEX', live, '[' .. user, '[' .. user .. '\\255')) do
    table.insert(ids, string.sub(entry, #user + 17))
  end
end
for _, id in ipairs(ids) do
  local stored = redis.call('HGET', records, id)
  if stored then table.insert(found, {id, unpack(cmsgpack.unpack(stored))}) end
end
return found`,
});

/**
 * Forgets invitations that ended before a time, by app and id. Gives how many there were.
 *
 * Atomic, so that each is counted once. Cost: O(log(invitations of the part)) and 4 commands for each, in one round trip.
 */
export const forgetInvitations = defineScript({
  name: "forget invitations",
  kind: "change",
  keys: ["records", "due:timers", "due:ended"],
  args: ["beforeMs"],
  lua: `
local forgotten = 0
for index = rest, #ARGV do
  local id = ARGV[index]
  local endedAt = redis.call('ZSCORE', dueended, id)
  if endedAt and tonumber(endedAt) < tonumber(beforeMs) then
    redis.call('ZREM', dueended, id)
    redis.call('ZREM', duetimers, id)
    forgotten = forgotten + redis.call('HDEL', records, id)
  end
end
return forgotten`,
});
