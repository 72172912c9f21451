import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { ConnectResponse, Event } from "../../../gen/aldis/v1/stream.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import { channelMessageEntries, type EventEntry, eventEntry } from "../../../src/server/event-entry.js";
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

function decodeBytes(bytes: Uint8Array) {
  // What is decoded of a Buffer shares its class, which a comparison would see.
  return decodeStrict(ConnectResponse, Uint8Array.from(bytes));
}

describe("an entry", () => {
  it("of a channel message with its offset put behind it is that of the message encoded with its offset, byte for byte", () => {
    const hex = ({ bytes }: EventEntry) => Buffer.from(bytes).toString("hex");
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), offset, (values, at) => {
        const first = Math.min(at, Number.MAX_SAFE_INTEGER - Math.max(0, values.length - 1));
        const made = channelMessageEntries(
          values.map((value) => ({ message: ChannelMessage.encode(value).finish() })),
          first,
        );
        const whole = values.map((value, index) =>
          eventEntry({ $case: "channelMessage", value: { ...value, offset: first + index } }, "channel"),
        );

        expect(made.map(({ traffic }) => traffic)).toEqual(whole.map(({ traffic }) => traffic));
        expect(made.map(hex)).toEqual(whole.map(hex));
      }),
      { numRuns: 300 },
    );
  });

  it("of a channel message keeps at most 64 KiB of its neighbours in memory", () => {
    const messages = [30_000, 30_000, 30_000, 70_000, 10].map((size) => ({ message: new Uint8Array(size) }));

    const entries = channelMessageEntries(messages, 1);

    const overheads = entries.map(({ bytes }, index) => bytes.length - (messages[index]?.message.length ?? 0));
    expect(overheads).toEqual([10, 10, 10, 10, 6]);
    expect(entries.map(({ bytes }) => bytes.buffer.byteLength)).toEqual([60_020, 60_020, 30_010, 70_010, 16]);
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
