import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { Payload } from "../../../gen/aldis/v1/message.js";
import { Slab } from "../../../src/server/slab.js";

const payload = (length: number) => Payload.create({ content: { $case: "text", value: "x".repeat(length) }, description: "" });
const own = (length: number) => Payload.encode(payload(length)).finish();

test("what is encoded in a slab is the same, and stays as it is when more is encoded", () => {
  const slab = new Slab();
  const lengths = [3, 100_000, 5, 7_000, 200, 0, 9_000, 9_000, 16_384, 1];

  const made = lengths.map((length) => slab.encode(Payload, payload(length)));

  expect(made.map((bytes) => Buffer.from(bytes))).toEqual(lengths.map((length) => Buffer.from(own(length))));
});

test("what is encoded in a slab shares at most 16 KiB with others, and a larger message has memory of its own", () => {
  const slab = new Slab();
  const small = Array.from({ length: 300 }, () => slab.encode(Payload, payload(100)));
  const large = [20_000, 100_000].map((length) => slab.encode(Payload, payload(length)));

  expect(new Set(small.map(({ buffer }) => buffer.byteLength))).toEqual(new Set([16_384]));
  expect(new Set(small.map(({ buffer }) => buffer)).size).toBeLessThan(6);
  expect(large.map(({ buffer }) => buffer.byteLength)).toEqual([own(20_000).length, own(100_000).length]);
});

test("a message that cannot be encoded in a slab leaves nothing behind", () => {
  const slab = new Slab();
  const half = {
    encode(_: Payload, writer: BinaryWriter) {
      writer.uint32(10).fork();
      throw new Error("half a message");
    },
  };

  expect(() => slab.encode(half, payload(1))).toThrow("half a message");
  expect(Buffer.from(slab.encode(Payload, payload(10)))).toEqual(Buffer.from(own(10)));
});
