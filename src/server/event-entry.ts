// An event as it travels: encoded once, as a complete `events` entry of a ConnectResponse (tag, length, bytes). Entries joined
// byte by byte are a legal message, so a batch and a second receiver cost no encoding.
import { BinaryReader, type BinaryWriter } from "@bufbuild/protobuf/wire";
import { ConnectResponse, type Event } from "../../gen/aldis/v1/stream.js";
import { encode, written } from "./encode.js";

/**
 * What becomes of an entry when its session's queue is full, and when it is sent: channel traffic may wait a little on a busy
 * node, and the rest overtakes what waits.
 * - "essential": it is queued all the same; there is a bounded number of them.
 * - "departure": the same, but it stays behind the traffic of the channel that it ends.
 * - "peer": it is refused, and its sender is told.
 * - "channel": it becomes part of a told gap of its channel.
 * - "members": it is dropped, and the next told gap of its channel says that members changed.
 * - "attributes": only the newest change is kept, and queued when there is room: its revision tells that others were dropped.
 */
export type Traffic = "essential" | "departure" | "peer" | "channel" | "members" | "attributes";

export interface EventEntry {
  readonly bytes: Uint8Array;
  readonly traffic: Traffic;
}

/** Events that are queued and sent together. All sessions that get just these share it. */
export class EventSegment {
  readonly traffic = "channel";
  /** The bytes of all its events. */
  readonly size: number;

  constructor(readonly entries: readonly EventEntry[]) {
    this.size = entries.reduce((size, { bytes }) => size + bytes.length, 0);
  }

  /** What is left behind its first events. */
  after(events: number): EventSegment {
    return new EventSegment(this.entries.slice(events));
  }
}

export function eventEntry(event: NonNullable<Event["event"]>, traffic: Traffic): EventEntry {
  return { bytes: encode(ConnectResponse, ConnectResponse.create({ events: [{ event }] })), traffic };
}

const eventsTag = 0x0a; // field 1 of ConnectResponse, length-delimited
const channelMessageTag = 0x12; // field 2 of Event, length-delimited
const offsetTag = 0x28; // field 5 of ChannelMessage, varint

/** Entries that share their memory have so many bytes together, unless it is one larger one: each of them keeps all of it. */
const sharedBytes = 65_536;

/**
 * The entries of channel messages, one behind the other from an offset on, whose encodings lack their offsets: these are put behind them,
 * and nothing is decoded.
 */
export function channelMessageEntries(
  messages: readonly { readonly message: Uint8Array }[],
  firstOffset: number,
): EventEntry[] {
  const entries: EventEntry[] = [];
  while (entries.length < messages.length) {
    const left = messages.slice(entries.length);
    const bytes = written((writer) => writeSharing(writer, left, firstOffset + entries.length));
    for (const field of fieldsOf(bytes)) entries.push({ bytes: field, traffic: "channel" });
  }
  return entries;
}

/** Writes the first of the messages, as many as share their memory. */
function writeSharing(writer: BinaryWriter, messages: readonly { readonly message: Uint8Array }[], firstOffset: number): void {
  let size = 0;
  for (const [index, { message }] of messages.entries()) {
    size += message.length;
    if (index > 0 && size > sharedBytes) return;
    writeMessage(writer, message, firstOffset + index);
  }
}

function writeMessage(writer: BinaryWriter, message: Uint8Array, offset: number): void {
  const inner = writer.uint32(eventsTag).fork().uint32(channelMessageTag).fork();
  inner.raw(message).uint32(offsetTag).uint64(offset).join().join();
}

/** The fields of an encoded message, each with its tag. */
function* fieldsOf(bytes: Uint8Array): Iterable<Uint8Array> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < bytes.length) {
    const begin = reader.pos;
    const [field, type] = reader.tag();
    reader.skip(type, field);
    yield bytes.subarray(begin, reader.pos);
  }
}
