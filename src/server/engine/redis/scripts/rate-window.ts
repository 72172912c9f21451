/** How much longer Redis keeps a window than it counts, in milliseconds. */
const marginMs = 1000;

/** So many events that have left the window are removed at a time. */
const atATime = 16;

/**
 * What scripts that count events begin with. The key `window` is a list of the times of at most as many events as the limit, the
 * arguments are `limit` and `windowMs`. A window whose latest event is in the future forgets its events: the server's clock was
 * set back.
 */
export const rateWindow = `
limit, windowMs = tonumber(limit), tonumber(windowMs)
local countedAt = now
local function roomInWindow()
  local latest = redis.call('LINDEX', window, -1)
  if latest and tonumber(latest) > countedAt then redis.call('DEL', window) end
  local first = redis.call('LINDEX', window, 0)
  while first and first + windowMs <= countedAt do
    local oldest, gone = redis.call('LRANGE', window, 0, ${atATime - 1}), 1
    while oldest[gone + 1] and oldest[gone + 1] + windowMs <= countedAt do gone = gone + 1 end
    redis.call('LPOP', window, gone)
    first = redis.call('LINDEX', window, 0)
  end
  return limit - redis.call('LLEN', window)
end
local function countEvents(events)
  local times, time = {}, string.format('%.0f', countedAt)
  for i = 1, events do times[i] = time end
  redis.call('RPUSH', window, unpack(times))
  redis.call('PEXPIRE', window, windowMs + ${marginMs})
end
local function untilRoom()
  if limit < 1 then return windowMs end
  return redis.call('LINDEX', window, -limit) + windowMs - countedAt
end
`;
