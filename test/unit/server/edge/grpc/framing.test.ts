import { describe, expect, it } from "vitest";
import { Framing } from "../../../../../src/server/edge/grpc/framing.js";

describe("Framing", () => {
  it("puts a byte for no compression and the length in front of a message", () => {
    expect([...new Framing().frame(Uint8Array.of(7, 8, 9))]).toEqual([0, 0, 0, 0, 3, 7, 8, 9]);
    expect([...new Framing().frame(new Uint8Array(0))]).toEqual([0, 0, 0, 0, 0]);
    expect([...new Framing().frame(new Uint8Array(0x010203)).subarray(0, 5)]).toEqual([0, 0, 1, 2, 3]);
  });

  it("frames a message for many once, and every other one anew", () => {
    const framing = new Framing();
    const [one, other] = [Uint8Array.of(1), Uint8Array.of(1)];

    const first = framing.frame(one);

    expect(framing.frame(one)).toBe(first);
    expect(framing.frame(other)).not.toBe(first);
    expect([...framing.frame(other)]).toEqual([...first]);
  });
});
