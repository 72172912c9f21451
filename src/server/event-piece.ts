import { BinaryReader, type BinaryWriter } from "@bufbuild/protobuf/wire";
import { written } from "./encode.js";
import type { EventEntry } from "./event-entry.js";

/** The messages of channels in one piece of memory, one behind the other: complete `events` entries of a ConnectResponse. */
export class EventPiece {
  private made: readonly EventEntry[] | undefined;

  constructor(
    readonly bytes: Uint8Array,
    /** Where each event ends. */
    private readonly ends: readonly number[],
  ) {}

  /** How many events it is. */
  get count(): number {
    return this.ends.length;
  }

  /** The events one by one. All who ask get the same ones. */
  get entries(): readonly EventEntry[] {
    this.made ??= this.ends.map((end, index) => ({ bytes: this.bytes.subarray(this.beginOf(index), end), traffic: "channel" }));
    return this.made;
  }

  /** What is left behind its first events. */
  after(events: number): EventPiece {
    const begin = this.beginOf(events);
    return new EventPiece(
      this.bytes.subarray(begin),
      this.ends.slice(events).map((end) => end - begin),
    );
  }

  private beginOf(index: number): number {
    return this.ends[index - 1] ?? 0;
  }
}

/** A piece has so many bytes, unless it is one larger event: who keeps an event of it keeps all of it. */
const pieceBytes = 16_384;

const eventsTag = 0x0a; // field 1 of ConnectResponse, length-delimited
const channelMessageTag = 0x12; // field 2 of Event, length-delimited
const offsetTag = 0x28; // field 5 of ChannelMessage, varint

/** The most bytes that stand around a message: three tags, two lengths and an offset. */
const overhead = 3 + 2 * 5 + 10;

/** A message to a channel that is encoded without its offset. */
interface Placeless {
  readonly message: Uint8Array;
}

/**
 * Channel messages as events, one behind the other from an offset on. Their offsets are put behind what is encoded, and nothing is decoded.
 * A piece has at most `maxBytes`, unless it is one larger event.
 */
export function channelMessagePieces(
  messages: readonly Placeless[],
  firstOffset: number,
  maxBytes = pieceBytes,
): readonly EventPiece[] {
  const pieces: EventPiece[] = [];
  for (let begin = 0; begin < messages.length; ) {
    const end = endOfPiece(messages, begin, Math.min(maxBytes, pieceBytes));
    pieces.push(pieceOf(messages.slice(begin, end), firstOffset + begin));
    begin = end;
  }
  return pieces;
}

/** The index behind the messages that go into one piece. */
function endOfPiece(messages: readonly Placeless[], begin: number, maxBytes: number): number {
  let bytes = 0;
  for (let end = begin; end < messages.length; end += 1) {
    bytes += (messages[end] as Placeless).message.length + overhead;
    if (bytes > maxBytes && end > begin) return end;
  }
  return messages.length;
}

function pieceOf(messages: readonly Placeless[], firstOffset: number): EventPiece {
  const bytes = written((writer) => {
    for (const [index, { message }] of messages.entries()) writeMessage(writer, message, firstOffset + index);
  });
  return new EventPiece(bytes, endsOf(bytes));
}

function writeMessage(writer: BinaryWriter, message: Uint8Array, offset: number): void {
  const inner = writer.uint32(eventsTag).fork().uint32(channelMessageTag).fork();
  inner.raw(message).uint32(offsetTag).uint64(offset).join().join();
}

/** Where each field of an encoded message ends. */
function endsOf(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < bytes.length) {
    const [field, type] = reader.tag();
    reader.skip(type, field);
    ends.push(reader.pos);
  }
  return ends;
}
