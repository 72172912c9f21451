import { defineScript } from "../script.js";

// The ids of all apps in one sorted set, by the bytes of their key texts, and for each the stamp of the change that put it there.
// Of the tag of the list. Each script is atomic, takes one round trip, and does no harm if it is made again.

/** Puts an id in (`present` 1) or takes it out, unless a later change has been there. O(log ids); 3 commands. */
export const changeIdList = defineScript({
  name: "change a list of ids",
  kind: "idempotent",
  keys: ["ids", "stamps"],
  args: ["id", "stamp", "present"],
  lua: `local known = redis.call('HGET', stamps, id)
if known and tonumber(known) > tonumber(stamp) then return 0 end
if present == '1' then
  redis.call('ZADD', ids, 0, id)
  redis.call('HSET', stamps, id, stamp)
else
  redis.call('ZREM', ids, id)
  redis.call('HDEL', stamps, id)
end
return 1`,
});

/** The number of ids with a beginning, and those behind a place, each with its stamp. O(log ids + limit). */
export const readIdList = defineScript({
  name: "read a list of ids",
  kind: "read",
  keys: ["ids", "stamps"],
  args: ["beginning", "after", "limit"],
  lua: `local last = '(' .. beginning .. '\\255'
local page = redis.call('ZRANGEBYLEX', ids, '(' .. beginning .. after, last, 'LIMIT', 0, limit)
local reply = {redis.call('ZLEXCOUNT', ids, '[' .. beginning, last)}
for _, id in ipairs(page) do
  reply[#reply + 1] = id
  reply[#reply + 1] = redis.call('HGET', stamps, id) or '0'
end
return reply`,
});

/** The number of ids of all apps. O(1). */
export const countIdList = defineScript({
  name: "count a list of ids",
  kind: "read",
  keys: ["ids"],
  args: [],
  lua: "return redis.call('ZCARD', ids)",
});
