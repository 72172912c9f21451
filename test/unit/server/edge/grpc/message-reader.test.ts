import { deflateSync, gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Framing } from "../../../../../src/server/edge/grpc/framing.js";
import { type Failure, MessageReader } from "../../../../../src/server/edge/grpc/message-reader.js";
import { Frame } from "../../../../../src/server/session/frame.js";

const maxBytes = 1_000;

function open() {
  const failures: Failure[] = [];
  const reader = new MessageReader(maxBytes, (failure) => failures.push(failure));
  const read = (...chunks: readonly Uint8Array[]) => {
    const messages: Buffer[] = [];
    for (const chunk of chunks) {
      reader.add(Buffer.from(chunk));
      for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message);
    }
    return messages;
  };
  return { read, failures };
}

const framed = (message: Uint8Array) => new Framing().messageOf(new Frame([message]));

function packed(message: Uint8Array): Buffer {
  const bytes = Buffer.from(framed(message));
  bytes[0] = 1;
  return bytes;
}

describe("MessageReader", () => {
  it("gives the same messages wherever their bytes are cut", () => {
    const message = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(2_000), { maxLength: 200 }), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(framed));
        const at = [...new Set([0, ...cuts, bytes.length])].filter((cut) => cut <= bytes.length).sort((a, b) => a - b);
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const { read, failures } = open();

        expect(read(...chunks).map((each) => [...each])).toEqual(messages.map((each) => [...each]));
        expect(failures).toEqual([]);
      }),
    );
  });

  it("puts together a message that comes byte by byte", () => {
    const message = Buffer.alloc(maxBytes, 7);
    expect(open().read(...[...framed(message)].map((byte) => Uint8Array.of(byte)))).toEqual([message]);
  });

  it("lets go of what it has read, however long no message ends with a chunk", () => {
    const { read } = open();
    const stream = Buffer.concat(Array.from({ length: 1_000 }, () => framed(Buffer.alloc(900, 7))));
    const chunks = Array.from({ length: 1_000 }, (_, i) => stream.subarray(Math.max(0, i * 905 - 100), (i + 1) * 905 - 100));
    const messages = read(...chunks);

    expect(messages).toHaveLength(999);
    // What a message shares its memory with is what the reader held: small buffers come from a pool of this size.
    expect(Math.max(...messages.map(({ buffer }) => buffer.byteLength))).toBeLessThanOrEqual(Buffer.poolSize);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ])("unpacks %s, and counts the bytes when it has", (_, pack) => {
    const { read, failures } = open();
    const fits = Buffer.alloc(maxBytes, 1);

    expect(read(packed(pack(fits)), framed(Buffer.of(3)))).toEqual([fits, Buffer.of(3)]);
    expect(read(packed(pack(Buffer.alloc(maxBytes + 1))))).toEqual([]);
    expect(failures).toEqual([{ code: status.RESOURCE_EXHAUSTED, details: "a message unpacks to more than 1000 bytes" }]);
  });

  it("refuses a message that is too large before it has come, and reads no more", () => {
    const { read, failures } = open();

    expect(read(framed(Buffer.alloc(maxBytes + 1)).subarray(0, 5))).toEqual([]);
    expect(failures).toEqual([{ code: status.RESOURCE_EXHAUSTED, details: "a message has 1001 bytes, and may have 1000" }]);

    expect(read(framed(Buffer.of(1)))).toEqual([]);
    expect(failures).toHaveLength(1);
  });

  it("refuses what only says that it is compressed", () => {
    const { read, failures } = open();

    expect(read(packed(Buffer.from("hello")))).toEqual([]);
    expect(failures).toEqual([
      { code: status.INTERNAL, details: "a message is marked as compressed, and is neither gzip nor deflate" },
    ]);
  });
});
