import { defineScript } from "../script.js";

/** How much longer Redis keeps a window than it counts, in milliseconds. */
const marginMs = 1000;

/**
 * Counts one event if the window has room for it. Gives 0, or the milliseconds after which there will be room. A window whose
 * latest event is in the future forgets its events: the server's clock was set back.
 *
 * Atomic. An answer that is lost may make an event count twice, so that less is allowed, never more.
 * Keys: `window:LENGTH`, a list of the times of at most as many events as the limit. Cost: O(events that have left), and 5
 * commands besides, in one round trip.
 */
export const takeRate = defineScript({
  name: "count an event",
  kind: "idempotent",
  keys: ["window:"],
  args: ["limit", "windowMs"],
  lua: `
local latest = redis.call('LINDEX', window, -1)
if latest and tonumber(latest) > now then redis.call('DEL', window) end
local first = redis.call('LINDEX', window, 0)
while first and first + windowMs <= now do
  redis.call('LPOP', window)
  first = redis.call('LINDEX', window, 0)
end
if redis.call('LLEN', window) < tonumber(limit) then
  redis.call('RPUSH', window, string.format('%.0f', now))
  redis.call('PEXPIRE', window, windowMs + ${marginMs})
  return 0
end
return redis.call('LINDEX', window, -limit) + windowMs - now`,
});
