import { defineScript } from "../script.js";

// The leases of all nodes, of one tag: when each was renewed last ("leases", a sorted set), since when it has been without a break
// ("since", a hash), and when each fallen node may be given to somebody to clear ("fallen", a sorted set). Times are in milliseconds.
// Each script is atomic, O(nodes), and takes one round trip.

/** How long a node that was asked to clear what a fallen one has left has for it, before another one is asked. */
const clearingMs = 5000;

/** Gives a node a lease. Gives 0, and does nothing, if it has fallen and is not forgotten. */
export const enterLease = defineScript({
  name: "enter the directory of nodes",
  kind: "idempotent",
  keys: ["leases", "since", "fallen"],
  args: ["node"],
  lua: `if redis.call('ZSCORE', fallen, node) then return 0 end
redis.call('ZADD', leases, now, node)
redis.call('HSET', since, node, now)
return 1`,
});

/**
 * Renews a lease, and lets those fall whose lease is over if this one has been renewed for a whole lease without a break. Gives
 * whether it is held, all that are, the fallen ones that the node is to clear, and those of them that fell now. Asked for again it
 * may not name the fallen ones again, who are then given to somebody later.
 */
export const renewLease = defineScript({
  name: "renew a lease",
  kind: "idempotent",
  keys: ["leases", "since", "fallen"],
  args: ["node", "leaseMs"],
  lua: `leaseMs = tonumber(leaseMs)
local function toClear()
  local due = redis.call('ZRANGEBYSCORE', fallen, '-inf', now)
  for _, one in ipairs(due) do redis.call('ZADD', fallen, now + ${clearingMs}, one) end
  return due
end
local renewed = redis.call('ZSCORE', leases, node)
if not renewed then return {0, {}, toClear()} end
local unbroken = tonumber(redis.call('HGET', since, node) or now)
if now - renewed >= leaseMs then unbroken = now end
redis.call('HSET', since, node, unbroken)
redis.call('ZADD', leases, now, node)
if now - unbroken >= leaseMs then
  for _, one in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now - leaseMs)) do
    redis.call('ZREM', leases, one)
    redis.call('HDEL', since, one)
    redis.call('ZADD', fallen, now, one)
  end
end
return {1, redis.call('ZRANGE', leases, 0, -1), toClear()}`,
});

/** Ends a lease. */
export const leaveLease = defineScript({
  name: "leave the directory of nodes",
  kind: "idempotent",
  keys: ["leases", "since"],
  args: ["node"],
  lua: `redis.call('ZREM', leases, node)
redis.call('HDEL', since, node)
return 1`,
});

/** Forgets a fallen node. */
export const forgetFallen = defineScript({
  name: "forget a fallen node",
  kind: "idempotent",
  keys: ["fallen"],
  args: ["node"],
  lua: "return redis.call('ZREM', fallen, node)",
});

/** The nodes with a lease, each with the milliseconds since it was renewed. */
export const listLeases = defineScript({
  name: "list nodes",
  kind: "read",
  keys: ["leases"],
  args: [],
  lua: `local reply = {}
local all = redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')
for place = 1, #all, 2 do
  reply[place] = all[place]
  reply[place + 1] = now - tonumber(all[place + 1])
end
return reply`,
});
