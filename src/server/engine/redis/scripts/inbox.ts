import { defineScript } from "../script.js";

// An inbox is two hashes: `messages:USER` by sequence, of 16 digits so that texts sort as the numbers do, and `ids:USER` with "sequence sender" by message id, for all that must not
// read messages: whether one is there, and whose is the most. They lie in one slot with the index of expiries.

/** `take(sequence)` removes a message and gives what is told of it, with its sequence; nil if it is not there. */
const taking = `
local function take(sequence)
  redis.call('ZREM', dueexpiries, sequence .. ' ' .. receiver)
  local stored = redis.call('HGET', messages, sequence)
  if not stored then return nil end
  local messageId, sender, clientMessageId, receiptLater = unpack(cmsgpack.unpack(stored))
  redis.call('HDEL', messages, sequence)
  redis.call('HDEL', ids, messageId)
  return {sequence, messageId, sender, clientMessageId, receiptLater}
end
`;

/**
 * Stores a message behind all others, unless its id is there. Above the limit the oldest message of the sender with the most goes;
 * of several such senders, that of the one whose oldest is the oldest of all. Gives what had to go. Sequences follow the time, so
 * they rise also when Redis has lost the last one.
 *
 * Atomic. Keys: `messages:USER` and `ids:USER`; `due:expiries`, a sorted set of "sequence USER" by time; `last`, the last sequence
 * of the part. Cost: O(log(messages of the part)), above the limit O(messages of the inbox); 7 commands in one round trip, above the
 * limit 12.
 */
export const appendMessage = defineScript({
  name: "append to an inbox",
  kind: "change",
  keys: ["messages:", "ids:", "due:expiries", "last"],
  args: ["receiver", "maxMessages", "messageId", "sender", "clientMessageId", "receiptLater", "expiresAt", "message"],
  lua: `${taking}
if redis.call('HEXISTS', ids, messageId) == 1 then return {} end
local new = math.max((redis.call('GET', last) or 0) + 1, math.floor(nowUs))
local sequence = string.format('%016.0f', new)
redis.call('SET', last, sequence)
redis.call('HSET', ids, messageId, sequence .. ' ' .. sender)
local stored = cmsgpack.pack({messageId, sender, clientMessageId, receiptLater, expiresAt, message})
redis.call('HSET', messages, sequence, stored)
redis.call('ZADD', dueexpiries, expiresAt, sequence .. ' ' .. receiver)
if redis.call('HLEN', ids) <= tonumber(maxMessages) then return {} end
local counts, oldest, most = {}, {}, nil
for _, value in ipairs(redis.call('HVALS', ids)) do
  local at, from = string.match(value, '^(%d+) (.*)$')
  counts[from] = (counts[from] or 0) + 1
  if not oldest[from] or at < oldest[from] then oldest[from] = at end
end
for from, count in pairs(counts) do
  if not most or count > counts[most] or (count == counts[most] and oldest[from] < oldest[most]) then
    most = from
  end
end
return {take(oldest[most])}`,
});

/**
 * Reads messages behind a sequence, without those that have expired. Gives their sequences and fields.
 *
 * Atomic. Keys: `messages:USER`. Cost: O(messages of the inbox + messages given); 1 command and 1 for each message, in one round trip.
 */
export const readMessages = defineScript({
  name: "read an inbox",
  kind: "read",
  keys: ["messages:"],
  args: ["after", "limit"],
  lua: `
local sequences, found = {}, {}
for _, sequence in ipairs(redis.call('HKEYS', messages)) do
  if sequence > after then sequences[#sequences + 1] = sequence end
end
table.sort(sequences)
for _, sequence in ipairs(sequences) do
  if #found >= tonumber(limit) then break end
  local stored = cmsgpack.unpack(redis.call('HGET', messages, sequence))
  if tonumber(stored[5]) > now then found[#found + 1] = {sequence, unpack(stored)} end
end
return found`,
});

/**
 * Removes messages by their sequences, and gives those that were still there, in the order asked.
 *
 * Atomic, so that each is given to one caller. Keys as for an append. Cost: O(log(messages of the part)) and at most 4 commands for
 * each message, in one round trip.
 */
export const takeMessages = defineScript({
  name: "take from an inbox",
  kind: "change",
  keys: ["messages:", "ids:", "due:expiries"],
  args: ["receiver"],
  lua: `${taking}
local taken = {}
for index = rest, #ARGV do
  local one = take(ARGV[index])
  if one then table.insert(taken, one) end
end
return taken`,
});
