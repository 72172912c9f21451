import { ChannelNotice, ChannelPublication } from "../../../../../gen/aldis/node/v1/node.js";
import { encode } from "../../../encode.js";
import { defineScript } from "../script.js";
import { channelPosition, positionArgs } from "./channel-position.js";

/** The tag of the only field of an encoded message, as Lua writes it. */
function tag(encoded: Uint8Array): string {
  return `'\\${encoded[0]}'`;
}

const publication = { offset: 0, epoch: "", sender: "", message: new Uint8Array() };
const offsetTag = tag(encode(ChannelPublication, { ...publication, offset: 1 }));
const epochTag = tag(encode(ChannelPublication, { ...publication, epoch: "e" }));
const publicationTag = tag(encode(ChannelNotice, { notice: { $case: "publication", value: publication } }));

/**
 * Appends a record to a channel's log, unless that was done under the same name: gives it the next offset, stores it, and
 * publishes it as an encoded ChannelNotice. `record` is the encoded ChannelPublication without its place; the fields of one
 * message may stand in any order, so the place goes before it.
 *
 * Atomic. Asked for again, it finds its own place under `appended`, so nothing else has to be remembered of it.
 * Keys: the position `log`; `history`, a list of "time record" that follow each other without a hole and end at the head;
 * `appended:NAME`, the place of what was appended under the name.
 * Cost: O(1) and as many removals as records are too old or too many; 8 commands in one round trip, and in a cluster one more, by
 * which the script asks the server for its life.
 */
export const appendRecord = defineScript({
  name: "append a record",
  kind: "idempotent",
  keys: ["log", "history", "appended:"],
  args: [...positionArgs, "onceMs", "messages", "record"],
  lua: `
local known = redis.call('GET', appended)
if known then
  local knownEpoch, knownOffset, at = string.match(known, '^(%S+) (%d+) (%d+)$')
  if at + onceMs > now then return {knownEpoch, tonumber(knownOffset)} end
end
local appendedAt = now
${channelPosition}
local function varint(number)
  local bytes = ''
  while number >= 128 do
    bytes = bytes .. string.char(number % 128 + 128)
    number = math.floor(number / 128)
  end
  return bytes .. string.char(number)
end
offset = offset + 1
use()
redis.call('SET', appended, string.format('%s %.0f %.0f', epoch, offset, appendedAt), 'PX', onceMs + marginMs)
if tonumber(messages) > 0 then
  local count = redis.call('RPUSH', history, string.format('%.0f ', now) .. record)
  if count > tonumber(messages) then redis.call('LTRIM', history, -messages, -1) end
  forgetOld()
  redis.call('PEXPIRE', history, ageMs + marginMs)
end
local value = ${offsetTag} .. varint(offset) .. ${epochTag} .. varint(#epoch) .. epoch .. record
redis.call('SPUBLISH', topic, ${publicationTag} .. varint(#value) .. value)
return {epoch, offset}`,
});
