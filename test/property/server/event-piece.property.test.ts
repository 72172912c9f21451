import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { ConnectResponse, Event } from "../../../gen/aldis/v1/stream.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import { type EventEntry, eventEntry } from "../../../src/server/event-entry.js";
import { channelMessagePieces } from "../../../src/server/event-piece.js";
import { EventSegment } from "../../../src/server/event-segment.js";
import { entriesOf } from "../../support/event-segment.js";
import { messageEntry } from "../../support/message-entry.js";

const payload = fc.oneof(
  fc
    .string({ unit: "grapheme", maxLength: 300 })
    .map((value) => ({ content: { $case: "text" as const, value }, description: "" })),
  fc.uint8Array({ maxLength: 300 }).map((value) => ({ content: { $case: "binary" as const, value }, description: "bytes" })),
);
const message = fc.record({
  channel: fc.string(),
  sender: fc.string(),
  payload,
  serverTimeMs: fc.maxSafeInteger(),
  offset: fc.constant(0),
});
const offset = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));

/** An entry, and the event that it stands for. */
const entry = fc.oneof(
  fc.tuple(message, offset).map(([value, at]) => ({
    bytes: messageEntry(ChannelMessage.encode(value).finish(), at).bytes,
    event: Event.create({ event: { $case: "channelMessage", value: { ...value, offset: at } } }),
  })),
  fc.record({ channel: fc.string(), userId: fc.string() }).map((value) => ({
    bytes: eventEntry({ $case: "memberJoined", value }, "members").bytes,
    event: Event.create({ event: { $case: "memberJoined", value } }),
  })),
);

/** How large a piece may be: sometimes less than one message. */
const sizes = fc.integer({ min: 1, max: 1_000 });

const hex = ({ bytes }: EventEntry) => Buffer.from(bytes).toString("hex");

function decodeBytes(bytes: Uint8Array) {
  // What is decoded of a Buffer shares its class, which a comparison would see.
  return decodeStrict(ConnectResponse, Uint8Array.from(bytes));
}

describe("an entry", () => {
  it("of a channel message with its offset put behind it is that of the message encoded with its offset, byte for byte", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), offset, sizes, (values, at, maxBytes) => {
        const first = Math.min(at, Number.MAX_SAFE_INTEGER - Math.max(0, values.length - 1));
        const encoded = values.map((value) => ({ message: ChannelMessage.encode(value).finish() }));
        const made = entriesOf(channelMessagePieces(encoded, first, maxBytes));
        const whole = values.map((value, index) =>
          eventEntry({ $case: "channelMessage", value: { ...value, offset: first + index } }, "channel"),
        );

        expect(made.map(({ traffic }) => traffic)).toEqual(whole.map(({ traffic }) => traffic));
        expect(made.map(hex)).toEqual(whole.map(hex));
      }),
      { numRuns: 300 },
    );
  });

  it("of a channel message keeps at most 16 KiB of its neighbours in memory, or less where a batch has less", () => {
    const messages = [7_000, 7_000, 7_000, 20_000, 10].map((size) => ({ message: new Uint8Array(size) }));
    const keptIn = (maxBytes?: number) =>
      entriesOf(channelMessagePieces(messages, 1, maxBytes)).map(({ bytes }) => bytes.buffer.byteLength);

    const overheads = entriesOf(channelMessagePieces(messages, 1)).map(
      ({ bytes }, index) => bytes.length - (messages[index]?.message.length ?? 0),
    );
    expect(overheads).toEqual([8, 8, 8, 10, 6]);
    expect(keptIn()).toEqual([14_016, 14_016, 7_008, 20_010, 16]);
    expect(keptIn(65_536)).toEqual([14_016, 14_016, 7_008, 20_010, 16]);
    expect(keptIn(10_000)).toEqual([7_008, 7_008, 7_008, 20_010, 16]);
  });

  it("of a segment is there until it is acknowledged, wherever that ends", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), offset, sizes, fc.nat({ max: 6 }), (values, at, maxBytes, done) => {
        const encoded = values.map((value) => ({ message: ChannelMessage.encode(value).finish() }));
        const segment = new EventSegment(channelMessagePieces(encoded, Math.min(at, 300), maxBytes));

        const rest = segment.after(done);

        const left = entriesOf(segment.pieces).slice(done);
        expect(entriesOf(rest.pieces).map(hex)).toEqual(left.map(hex));
        expect(Buffer.concat(rest.pieces.map(({ bytes }) => bytes))).toEqual(Buffer.concat(left.map(({ bytes }) => bytes)));
        expect([rest.count, rest.size]).toEqual([left.length, left.reduce((size, { bytes }) => size + bytes.length, 0)]);
      }),
      { numRuns: 300 },
    );
  });

  it("joined to others byte by byte is a batch of all their events", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const batch = Buffer.concat(entries.map(({ bytes }) => bytes));

        const expected = ConnectResponse.create({ events: entries.map(({ event }) => event) });
        expect(decodeBytes(batch)).toEqual({ ok: true, value: expected });
      }),
      { numRuns: 300 },
    );
  });
});
