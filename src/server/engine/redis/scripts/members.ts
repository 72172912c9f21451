import { defineScript } from "../script.js";

// The members of a channel, of the tag of the channel: a sorted set of users in the order in which they joined, and a hash of who
// each is: "epoch token node". Both are empty at the same time, and then Redis has neither. Each script is atomic and one round trip.

const entryOf = `local function entryOf(user)
  local epoch, token, node = string.match(redis.call('HGET', who, user) or '', '^(%d+) (%S+) (.*)$')
  return tonumber(epoch), token, node
end
`;

/** Tells the members of a change in a channel of some size: with an encoded ChannelNotice, or an empty text for nothing. */
const tell = `local function tell(size)
  local notice = size <= tonumber(most) and single or many
  if #notice > 0 then redis.call('SPUBLISH', topic, notice) end
end
`;

/**
 * Puts a user in, or keeps the newer epoch of one who is in. Gives whether it joined, the number of members, and the token and
 * node of the entry that counts no more: the former, or the new one ("" for none); and the time in microseconds. The members are
 * told of one who was not in. O(log members + listening nodes).
 */
export const joinChannel = defineScript({
  name: "join a channel",
  kind: "change",
  keys: ["members", "who"],
  args: ["user", "epoch", "token", "node", "single", "most", "many"],
  lua: `${entryOf}${tell}
local knownEpoch, knownToken, knownNode = entryOf(user)
if not knownEpoch then
  local last = redis.call('ZRANGE', members, -1, -1, 'WITHSCORES')
  redis.call('ZADD', members, (tonumber(last[2]) or 0) + 1, user)
elseif tonumber(epoch) <= knownEpoch then
  return {0, redis.call('ZCARD', members), token, node, nowUs}
end
redis.call('HSET', who, user, epoch .. ' ' .. token .. ' ' .. node)
local count = redis.call('ZCARD', members)
if not knownEpoch then tell(count) end
return {knownEpoch and 0 or 1, count, knownToken or '', knownNode or '', nowUs}`,
});

/** Takes a user out, unless it is in by a newer epoch, and tells the members. Gives whether it left, and the rest as joining does. */
export const leaveChannel = defineScript({
  name: "leave a channel",
  kind: "change",
  keys: ["members", "who"],
  args: ["user", "epoch", "single", "most", "many"],
  lua: `${entryOf}${tell}
local knownEpoch, knownToken, knownNode = entryOf(user)
if not knownEpoch or knownEpoch > tonumber(epoch) then return {0, redis.call('ZCARD', members), '', '', nowUs} end
redis.call('ZREM', members, user)
redis.call('HDEL', who, user)
local count = redis.call('ZCARD', members)
tell(count + 1)
return {1, count, knownToken, knownNode, nowUs}`,
});

/** The number of members, and some of them: by `order` "latest", "earliest" or "random". O(log members + those given + skip). */
export const chooseMembers = defineScript({
  name: "choose members",
  kind: "read",
  keys: ["members"],
  args: ["order", "skip", "limit"],
  lua: `limit, skip = tonumber(limit), tonumber(skip)
local chosen = {}
if limit > 0 then
  if order == 'random' then chosen = redis.call('ZRANDMEMBER', members, limit)
  elseif order == 'latest' then chosen = redis.call('ZREVRANGE', members, skip, skip + limit - 1)
  else chosen = redis.call('ZRANGE', members, skip, skip + limit - 1) end
end
return {redis.call('ZCARD', members), chosen}`,
});

/** The number of members. O(1). */
export const countMembers = defineScript({
  name: "count members",
  kind: "read",
  keys: ["members"],
  args: [],
  lua: "return redis.call('ZCARD', members)",
});

/** Epoch and token of a member; 0 and "" of somebody else. O(1). */
export const findMember = defineScript({
  name: "find a member",
  kind: "read",
  keys: ["who"],
  args: ["user"],
  lua: `${entryOf}
local epoch, token = entryOf(user)
return {epoch or 0, token or ''}`,
});
