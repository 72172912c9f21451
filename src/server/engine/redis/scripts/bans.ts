import { defineScript } from "../script.js";

// A ban is "until set note" in the hash `bans` by its entry, which says whose it is and from where. `order` is a sorted set without
// scores of all entries; `due:ends` one of those that end, by time. All lie in the slot of the user's part.

const removing = `
local function remove(entry)
  redis.call('HDEL', bans, entry)
  redis.call('ZREM', order, entry)
  redis.call('ZREM', dueends, entry)
end
`;

/** `fields(stored, at)` gives the fields of a ban if it is in force at a time. */
const inForce = `
local function fields(stored, at)
  if not stored then return nil end
  local untilMs, setAt, note = string.match(stored, '^(%d+) (%d+) (.*)$')
  if untilMs ~= '0' and tonumber(untilMs) <= tonumber(at) then return nil end
  return {untilMs, setAt, note}
end
`;

/**
 * Sets a ban; one of the same entry is replaced. On the way a few bans of the part that are over are forgotten, so that their number
 * stays bounded.
 *
 * Atomic. Keys: `bans`, `order`, `due:ends`. Cost: O(log(bans of the part)); at most 34 commands in one round trip.
 */
export const setBan = defineScript({
  name: "set a ban",
  kind: "change",
  keys: ["bans", "order", "due:ends"],
  args: ["entry", "untilMs", "setAt", "note"],
  lua: `${removing}
for _, over in ipairs(redis.call('ZRANGEBYSCORE', dueends, '-inf', now, 'LIMIT', 0, 10)) do remove(over) end
redis.call('HSET', bans, entry, untilMs .. ' ' .. setAt .. ' ' .. note)
redis.call('ZADD', order, 0, entry)
if untilMs == '0' then redis.call('ZREM', dueends, entry) else redis.call('ZADD', dueends, untilMs, entry) end
return 0`,
});

/**
 * Ends a ban. Gives 1 if it was in force, or 0.
 *
 * Atomic. Keys as above. Cost: O(log(bans of the part)); 4 commands in one round trip.
 */
export const removeBan = defineScript({
  name: "remove a ban",
  kind: "change",
  keys: ["bans", "order", "due:ends"],
  args: ["entry"],
  lua: `${removing}${inForce}
local present = fields(redis.call('HGET', bans, entry), now)
remove(entry)
return present and 1 or 0`,
});

/**
 * The first of some bans, by their entries, that is in force at a time: its place among them from 1 on and its fields, or {}.
 *
 * Atomic. Keys: `bans`. Cost: O(1); 1 command for each entry in one round trip.
 */
export const findBan = defineScript({
  name: "find a ban",
  kind: "read",
  keys: ["bans"],
  args: ["at"],
  lua: `${inForce}
for index = rest, #ARGV do
  local found = fields(redis.call('HGET', bans, ARGV[index]), at)
  if found then return {index - rest + 1, unpack(found)} end
end
return {}`,
});

/**
 * Bans that are in force at a time, by their entries between two bounds (as Redis has them), with their fields.
 *
 * Atomic. Keys: `bans`, `order`. Cost: O(log(bans of the part) + bans looked at); 1 command for each and for a hundred, in one round
 * trip.
 */
export const listBans = defineScript({
  name: "list bans",
  kind: "read",
  keys: ["bans", "order"],
  args: ["at", "from", "to", "limit"],
  lua: `${inForce}
local found, skip = {}, 0
while #found < tonumber(limit) do
  local entries = redis.call('ZRANGEBYLEX', order, from, to, 'LIMIT', skip, 100)
  for _, entry in ipairs(entries) do
    local ban = fields(redis.call('HGET', bans, entry), at)
    if ban and #found < tonumber(limit) then table.insert(found, {entry, unpack(ban)}) end
  end
  if #entries < 100 then break end
  skip = skip + 100
end
return found`,
});
