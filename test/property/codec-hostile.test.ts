import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import type { Type } from "protobufjs";
import { describe, expect, it } from "vitest";
import { SetUserAttributesRequest } from "../../gen/aldis/v1/attribute.js";
import { Ack, Hello } from "../../gen/aldis/v1/session.js";
import { ConnectRequest, type MessageFns } from "../../gen/aldis/v1/stream.js";
import { type Decoded, decodeStrict } from "../../gen/aldis/v1/tables/wire.js";
import { arbitraryMessage } from "./codec-arbitrary.js";
import { codecOf, messageTypes } from "./codec-schema.js";

const arbitraryType = fc.constantFrom(...messageTypes);

/** A message type, and the bytes of a message of it. */
const encoded = arbitraryType.chain((type) =>
  arbitraryMessage(type).map((message) => ({ type, bytes: codecOf(type).encode(message).finish() })),
);

const startGroup = 3;
const appIdTag = 0x0a;

describe("decodeStrict", () => {
  it("never throws on random bytes", () => {
    fc.assert(
      fc.property(arbitraryType, fc.uint8Array({ maxLength: 64 }), (type, bytes) => {
        expect(typeof decode(type, bytes).ok).toBe("boolean");
      }),
      { numRuns: 2000 },
    );
  });

  it("never throws on a good message with some bytes changed", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(encoded, changes, ({ type, bytes }, edits) => {
        const mutated = Uint8Array.from(bytes);
        for (const [place, value] of edits) mutated[place % Math.max(1, mutated.length)] = value;

        expect(typeof decode(type, mutated).ok).toBe("boolean");
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses a message that is cut inside a field, and takes one that is cut between fields", () => {
    fc.assert(
      fc.property(encoded, ({ type, bytes }) => {
        const ends = fieldEnds(bytes);
        for (let length = 0; length < bytes.length; length += 1) {
          const { ok } = decode(type, bytes.slice(0, length));
          expect(ok, `cut to ${length} of ${bytes.length} bytes`).toBe(ends.has(length));
        }
      }),
    );
  });

  it("refuses a field at the end that is cut", () => {
    fc.assert(
      fc.property(encoded, ({ type, bytes }) => {
        expect(decode(type, join(bytes, Uint8Array.from([0xfa, 0x7f, 5, 1])))).toMatchObject({ ok: false });
      }),
    );
  });

  it("ignores a field that it does not know, as a newer peer may send it", () => {
    fc.assert(
      fc.property(encoded, ({ type, bytes }) => {
        const unknown = new BinaryWriter()
          .uint32((2047 << 3) | 2)
          .string("news")
          .finish();

        expect(decode(type, join(bytes, unknown))).toEqual(decode(type, bytes));
      }),
    );
  });

  it.each([
    ["bytes that no text has", [0xff, 0xfe]],
    ["an overlong form", [0xc0, 0x80]],
    ["half of a surrogate pair", [0xed, 0xa0, 0x80]],
    ["a character that is cut", [0xe2, 0x82]],
    ["a character past the last one", [0xf4, 0x90, 0x80, 0x80]],
  ])("refuses %s in a text", (_, text) => {
    const bytes = Uint8Array.from([appIdTag, text.length, ...text]);

    expect(decodeStrict(Hello, bytes)).toEqual({ ok: false, problem: "a text is not well-formed UTF-8" });
  });

  it("keeps a byte order mark, so that two ids are never the same text", () => {
    const marked = Hello.encode(Hello.create({ appId: "\uFEFFapp" })).finish();

    expect(decodeStrict(Hello, marked)).toMatchObject({ ok: true, value: { appId: "\uFEFFapp" } });
  });

  it("refuses groups that are nested too deeply", () => {
    const bomb = new BinaryWriter();
    for (let depth = 0; depth < 20_000; depth += 1) bomb.tag(100, startGroup);

    expect(decodeStrict(ConnectRequest, bomb.finish())).toMatchObject({ ok: false });
  });

  it("refuses a number outside the safe range", () => {
    const bytes = new BinaryWriter().tag(1, 0).uint64("18446744073709551615").finish();

    expect(decodeStrict(Ack, bytes)).toEqual({ ok: false, problem: "a number is outside the safe range" });
  });

  it("takes __proto__ as a key like any other", () => {
    const attributes = new Map([["__proto__", "polluted"]]);
    const bytes = SetUserAttributesRequest.encode(SetUserAttributesRequest.create({ attributes })).finish();

    const decoded = decodeStrict(SetUserAttributesRequest, bytes);

    expect(decoded).toMatchObject({ ok: true, value: { attributes } });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

function decode(type: Type, bytes: Uint8Array): Decoded<unknown> {
  return decodeStrict(codecOf(type) as MessageFns<unknown>, bytes);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The places of a message at which a field is complete, and the beginning. */
function fieldEnds(bytes: Uint8Array): Set<number> {
  const reader = new BinaryReader(bytes);
  const ends = new Set([0]);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    ends.add(reader.pos);
  }
  return ends;
}
