import { expect, test } from "vitest";
import { Payload } from "../../../gen/aldis/v1/message.js";
import { encode, written } from "../../../src/server/encode.js";

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
