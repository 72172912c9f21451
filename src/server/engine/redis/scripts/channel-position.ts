/**
 * What all scripts of a channel's log begin with. The key `log` has the position "epoch offset life used": of which life of the
 * server it is, and when it was last used. Another life of the server begins a new epoch, unless positions outlive it. The time
 * of one channel never goes back, whatever the server's does.
 */
export const channelPosition = `
local epoch, offset, writtenIn, used
local stored = redis.call('GET', log)
if stored then
  epoch, offset, writtenIn, used = string.match(stored, '^(%S+) (%d+) (%S+) (%d+)$')
  offset, used = tonumber(offset), tonumber(used)
  if used > now then now = used end
end
if outlives == '1' then life = 'any' elseif life == '' then life = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end
if not stored or writtenIn ~= life or used + keepMs <= now then
  epoch, offset = newEpoch, 0
  if stored then redis.call('DEL', history) end
end
local function use()
  redis.call('SET', log, string.format('%s %.0f %s %.0f', epoch, offset, life, now), 'PX', keepMs + marginMs)
end
local function forgetOld()
  while true do
    local oldest = redis.call('LINDEX', history, 0)
    if not oldest or string.match(oldest, '^%d+') + ageMs > now then return end
    redis.call('LPOP', history)
  end
end
`;

/** The arguments that they have in common. */
export const positionArgs = ["newEpoch", "outlives", "keepMs", "ageMs", "marginMs"] as const;
