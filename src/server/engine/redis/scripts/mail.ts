import { defineScript } from "../script.js";

// The mail of a node, of the tag of the node: a stream of batches ("mail"), and a hash ("box") with the name of the node's present
// stay, when it began, the place of the last batch, and how many messages and bytes were sent and taken in it. There is mail only
// while there is a box. Places are times in microseconds and rise, also where Redis has lost the newest ones. Each script is atomic and
// one round trip.

/** Opens an empty box. O(what was in the former one). */
export const openBox = defineScript({
  name: "open a mailbox",
  kind: "change",
  keys: ["box", "mail"],
  args: ["stay"],
  lua: `redis.call('DEL', box, mail)
redis.call('HSET', box, 'stay', stay, 'openedUs', nowUs, 'last', nowUs, 'messages', 0, 'bytes', 0, 'takenMessages', 0, 'takenBytes', 0)
return nowUs`,
});

/** Ends a box. O(what is in it). */
export const closeBox = defineScript({
  name: "close a mailbox",
  kind: "idempotent",
  keys: ["box", "mail"],
  args: [],
  lua: "return redis.call('DEL', box, mail)",
});

/** Forgets all that a node had. O(what is left of it). */
export const forgetNode = defineScript({
  name: "forget a node",
  kind: "idempotent",
  keys: ["box", "mail", "index:sessions", "index:members"],
  args: [],
  lua: "return redis.call('UNLINK', unpack(KEYS))",
});

/**
 * Puts a batch in, and publishes it with its place and that of the batch before: "stay before place " and the batch. Gives when
 * the box was opened, in microseconds, or 0 if there is none, or -1 if it has no room for the messages, or -2 for their bytes.
 * O(bytes); 5 commands.
 */
export const sendMail = defineScript({
  name: "send mail",
  kind: "change",
  keys: ["box", "mail"],
  args: ["count", "batch", "maxMessages", "maxBytes"],
  lua: `local stay, openedUs, last, messages, bytes, takenMessages, takenBytes =
  unpack(redis.call('HMGET', box, 'stay', 'openedUs', 'last', 'messages', 'bytes', 'takenMessages', 'takenBytes'))
if not stay then return 0 end
if messages + count - takenMessages > tonumber(maxMessages) then return -1 end
if bytes + #batch - takenBytes > tonumber(maxBytes) then return -2 end
local place = math.max(tonumber(last) + 1, nowUs)
local id = string.format('%.0f', place)
redis.call('HSET', box, 'last', id, 'messages', messages + count, 'bytes', bytes + #batch)
redis.call('XADD', mail, id .. '-0', 'count', count, 'batch', batch)
redis.call('SPUBLISH', topic, stay .. ' ' .. last .. ' ' .. id .. ' ' .. batch)
-- A node of an earlier version has not written down when it opened its box.
return tonumber(openedUs or 1)`,
});

/** The batches behind a place, each as place and bytes, the oldest first. O(batches given). */
export const readMail = defineScript({
  name: "read mail",
  kind: "read",
  keys: ["mail"],
  args: ["place", "limit"],
  lua: `local reply = {}
for _, entry in ipairs(redis.call('XRANGE', mail, '(' .. place .. '-0', '+', 'COUNT', limit)) do
  reply[#reply + 1] = string.match(entry[1], '^%d+')
  reply[#reply + 1] = entry[2][4]
end
return reply`,
});

/**
 * Forgets the batches up to a place, to which so many messages and bytes were sent in the stay. Gives the place of the last one, and
 * the messages and bytes that waited until now; nothing if the box is not that of the stay. O(batches forgotten).
 */
export const takeMail = defineScript({
  name: "take mail",
  kind: "idempotent",
  keys: ["box", "mail"],
  args: ["stay", "place", "messages", "bytes"],
  lua: `local present, last, sentMessages, sentBytes, takenMessages, takenBytes =
  unpack(redis.call('HMGET', box, 'stay', 'last', 'messages', 'bytes', 'takenMessages', 'takenBytes'))
if present ~= stay then return {} end
if takenMessages ~= messages then
  redis.call('XTRIM', mail, 'MINID', string.format('%.0f', place + 1) .. '-0')
  redis.call('HSET', box, 'takenMessages', messages, 'takenBytes', bytes)
end
return {tonumber(last), sentMessages - takenMessages, sentBytes - takenBytes}`,
});

/** The messages that wait. O(1). */
export const countMail = defineScript({
  name: "count mail",
  kind: "read",
  keys: ["box"],
  args: [],
  lua: `local messages, taken = unpack(redis.call('HMGET', box, 'messages', 'takenMessages'))
return math.max(0, (messages or 0) - (taken or 0))`,
});
