import { ChannelNotice, ChannelPublication, ChannelSegment } from "../../../../../gen/aldis/node/v1/node.js";
import { LogSegment, StoredMessage } from "../../../../../gen/aldis/node/v1/segment.js";
import { encode } from "../../../encode.js";
import { defineScript } from "../script.js";
import { channelPosition, positionArgs } from "./channel-position.js";
import { rateWindow } from "./rate-window.js";

/** The tag of the only field of an encoded message, as Lua writes it. */
function tag(encoded: Uint8Array): string {
  return `'\\${encoded[0]}'`;
}

const bytes = Uint8Array.of(1);
const record = { offset: 0, epoch: "", sender: "", message: new Uint8Array() };
const recordTags = {
  sender: tag(encode(ChannelPublication, { ...record, sender: "s" })),
  message: tag(encode(ChannelPublication, { ...record, message: bytes })),
};
const stored = { sender: "", message: new Uint8Array() };
const storedTags = {
  sender: tag(encode(StoredMessage, { ...stored, sender: "s" })),
  message: tag(encode(StoredMessage, { ...stored, message: bytes })),
};
const segment = { offset: 0, epoch: "", messages: new Uint8Array() };
const segmentTags = {
  offset: tag(encode(ChannelSegment, { ...segment, offset: 1 })),
  epoch: tag(encode(ChannelSegment, { ...segment, epoch: "e" })),
  messages: tag(encode(ChannelSegment, { ...segment, messages: bytes })),
};
const messagesTag = tag(encode(LogSegment, { messages: [stored] }));
const noticeTag = tag(encode(ChannelNotice, { notice: { $case: "segment", value: segment } }));

/**
 * Appends records to a channel's log: gives them the next offsets, stores them, and publishes them together as an encoded
 * ChannelNotice. From `ARGV[rest]` on there are three arguments for each: "1" if it has a name, else "", its sender, and its message. The
 * key of a name, `appended:NAME`, has the place of what was appended under it, and stands from `KEYS[restKeys]` on. Gives the epoch, the
 * milliseconds until the rate has room, and for each record its offset, or epoch and offset of the one that was appended under its
 * name, or 0 if the rate had no room. A limit below 0 is none.
 *
 * Atomic. Keys: the position `log`; `history`, a list of "time record" that follow each other without a hole and end at the head, each
 * record an encoded ChannelPublication without its place; `window:LENGTH`, in which the rate is counted.
 * Cost: O(records) and as many removals as records are too old or too many; 14 commands in one round trip and 2 for each name, and in a
 * cluster one more, by which the script asks the server for its life.
 */
export const appendRecords = defineScript({
  name: "append records",
  kind: "change",
  keys: ["log", "history", "window:"],
  args: [...positionArgs, "onceMs", "messages", "limit", "windowMs"],
  lua: `${rateWindow}
${channelPosition}
local function varint(number)
  local digits = ''
  while number >= 128 do
    digits = digits .. string.char(number % 128 + 128)
    number = math.floor(number / 128)
  end
  return digits .. string.char(number)
end
local function field(tag, value)
  return tag .. varint(#value) .. value
end
local function knownPlace(name)
  local known = redis.call('GET', name)
  if not known then return nil end
  local knownEpoch, knownOffset, at = string.match(known, '^(%S+) (%d+) (%d+)$')
  if at + onceMs > countedAt then return {knownEpoch, tonumber(knownOffset)} end
end
local room = math.huge
if limit >= 0 then room = roomInWindow() end
local head, nextName, isFull = offset, restKeys, false
local answers, records, published = {}, {}, {}
local time = string.format('%.0f ', now)
for at = rest, #ARGV, 3 do
  local name, known
  if ARGV[at] == '1' then
    name, nextName = KEYS[nextName], nextName + 1
    known = knownPlace(name)
  end
  local answer = 0
  if known then
    answer = known
  elseif #records < room then
    head = head + 1
    answer = head
    local sender, message = ARGV[at + 1], ARGV[at + 2]
    records[#records + 1] = time .. field(${recordTags.sender}, sender) .. field(${recordTags.message}, message)
    published[#records] = field(${messagesTag}, field(${storedTags.sender}, sender) .. field(${storedTags.message}, message))
    if name then
      redis.call('SET', name, string.format('%s %.0f %.0f', epoch, head, countedAt), 'PX', onceMs + marginMs)
    end
  else
    isFull = true
  end
  answers[#answers + 1] = answer
end
if #records > 0 then
  local first = offset + 1
  offset = head
  use()
  if limit >= 0 then countEvents(#records) end
  if tonumber(messages) > 0 then
    local count = redis.call('RPUSH', history, unpack(records))
    if count > tonumber(messages) then redis.call('LTRIM', history, -messages, -1) end
    forgetOld()
    redis.call('PEXPIRE', history, ageMs + marginMs)
  end
  local place = ${segmentTags.offset} .. varint(first) .. field(${segmentTags.epoch}, epoch)
  local value = place .. field(${segmentTags.messages}, table.concat(published))
  redis.call('SPUBLISH', topic, field(${noticeTag}, value))
end
return {epoch, isFull and untilRoom() or 0, answers}`,
});
