import { describe, expect, it } from "vitest";
import { Framing } from "../../../../../src/server/edge/grpc/framing.js";
import { Frame } from "../../../../../src/server/session/frame.js";

const message = (...pieces: Uint8Array[]) => [...new Framing().messageOf(new Frame(pieces))];

describe("Framing", () => {
  it("puts a byte for no compression and the length in front of a frame", () => {
    expect(message(Uint8Array.of(7, 8, 9))).toEqual([0, 0, 0, 0, 3, 7, 8, 9]);
    expect(message(new Uint8Array(0))).toEqual([0, 0, 0, 0, 0]);
    expect(message(new Uint8Array(0x010203)).slice(0, 5)).toEqual([0, 0, 1, 2, 3]);
  });

  it("puts the pieces of a frame behind one another", () => {
    expect(message(Uint8Array.of(7, 8), new Uint8Array(0), Uint8Array.of(9))).toEqual([0, 0, 0, 0, 3, 7, 8, 9]);
    expect(message()).toEqual([0, 0, 0, 0, 0]);
  });

  it("makes one message of a frame for many, and another of every other one", () => {
    const framing = new Framing();
    const [one, other] = [new Frame([Uint8Array.of(1)]), new Frame([Uint8Array.of(1)])];

    const first = framing.messageOf(one);

    expect(framing.messageOf(other)).not.toBe(first);
    expect(framing.messageOf(one)).toBe(first);
    expect([...framing.messageOf(other)]).toEqual([...first]);
  });
});
