import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { Payload } from "../../../gen/aldis/v1/message.js";
import { encode, encodeBriefly, written } from "../../../src/server/encode.js";

const payload = (length: number) => Payload.create({ content: { $case: "text", value: "x".repeat(length) } });

test("what is encoded is what the type's own encoder makes, whatever came before and how long it is", () => {
  for (const length of [3, 100_000, 5, 200, 0]) {
    expect(encode(Payload, payload(length))).toEqual(Payload.encode(payload(length)).finish());
  }
});

test("bytes stay as they are when more is encoded", () => {
  const first = encode(Payload, payload(10));
  const copy = first.slice();
  encode(Payload, payload(20));
  expect(first).toEqual(copy);
});

test("a task that fails leaves nothing behind", () => {
  const fail = () => written((writer) => writer.uint32(1).uint32(-1));
  expect(fail).toThrow();
  expect(written((writer) => writer.uint32(2))).toEqual(Uint8Array.of(2));
});

test("a task may encode within itself", () => {
  const bytes = written((writer) => {
    writer.uint32(1);
    writer.raw(encode(Payload, payload(1)));
  });
  expect(bytes).toEqual(Uint8Array.of(1, ...encode(Payload, payload(1))));
});

const own = (length: number) => Payload.encode(payload(length)).finish();

test("what is encoded briefly is the same, and stays as it is when more is encoded", () => {
  const lengths = [3, 100_000, 5, 7_000, 200, 0, 9_000, 9_000, 16_384, 1];

  const made = lengths.map((length) => encodeBriefly(Payload, payload(length)));

  expect(made.map((bytes) => Buffer.from(bytes))).toEqual(lengths.map((length) => Buffer.from(own(length))));
});

test("what is encoded briefly shares at most 16 KiB with others, and a larger message has memory of its own", () => {
  const small = Array.from({ length: 300 }, () => encodeBriefly(Payload, payload(100)));
  const large = [20_000, 100_000].map((length) => encodeBriefly(Payload, payload(length)));

  expect(new Set(small.map(({ buffer }) => buffer.byteLength))).toEqual(new Set([16_384]));
  expect(new Set(small.map(({ buffer }) => buffer)).size).toBeLessThan(6);
  expect(large.map(({ buffer }) => buffer.byteLength)).toEqual([own(20_000).length, own(100_000).length]);
});

test("a message that cannot be encoded briefly leaves nothing behind", () => {
  const half = {
    encode(_: Payload, writer: BinaryWriter) {
      writer.uint32(10).fork();
      throw new Error("half a message");
    },
  };

  expect(() => encodeBriefly(half, payload(1))).toThrow("half a message");
  expect(Buffer.from(encodeBriefly(Payload, payload(10)))).toEqual(Buffer.from(own(10)));
});
