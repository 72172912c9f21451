import { defineScript } from "../script.js";
import { channelPosition, positionArgs } from "./channel-position.js";

/**
 * Reads records of a channel's log from a place on (`step` 1), or back from it (-1), or from an end if `isFrom` is 0. Gives epoch
 * and offset of the head, the offset of the first record, whether there is more, whether there is a gap, and "time record" for each
 * in the order of the offsets. With a limit of 0 it gives the head.
 *
 * Atomic; a channel that was never written to gets its epoch here, and what is too old goes. The keys are those of an append.
 * Cost: O(records given + records too old); 5 commands in one round trip.
 */
export const readRecords = defineScript({
  name: "read records",
  kind: "idempotent",
  keys: ["log", "history"],
  args: [...positionArgs, "isFrom", "fromEpoch", "fromOffset", "step", "limit"],
  lua: `${channelPosition}
use()
forgetOld()
step, limit, fromOffset = tonumber(step), tonumber(limit), tonumber(fromOffset)
local oldest = offset - redis.call('LLEN', history) + 1
local isBeginning = fromEpoch == '' and fromOffset == 0
local isPlace = isBeginning or (fromEpoch == epoch and fromOffset <= offset)
local wanted
if isFrom == '1' and isPlace then wanted = fromOffset + step
elseif step == 1 then wanted = oldest
else wanted = offset end
local first, available
if step == 1 then
  first = math.max(wanted, oldest)
  available = offset - first + 1
else
  first = wanted
  available = first - oldest + 1
end
local count = math.max(0, math.min(limit, available))
local low = first
if step == -1 then low = first - count + 1 end
local isGap = isFrom == '1' and (not isPlace or (wanted >= 1 and wanted < oldest))
local records = {}
if count > 0 then records = redis.call('LRANGE', history, low - oldest, low - oldest + count - 1) end
return {epoch, offset, low, available > count and 1 or 0, isGap and 1 or 0, records}`,
});
