import { describe, expect, it } from "vitest";
import { minStampBytes, StampReader, stampedText } from "../../../bench/load/stamp.js";

describe("StampReader", () => {
  it("reads what was stamped, whatever stands around it", () => {
    const reader = new StampReader();
    const buffer = Buffer.from(`head ${stampedText(513, 1_234_567_890_123, 64)} tail`);

    const found = reader.read(buffer, 0, buffer.length);

    expect(found).toBe(true);
    expect(reader.number).toBe(513);
    expect(reader.dueMicros).toBe(1_234_567_890_123);
  });

  it("finds a stamp that stands elsewhere than the one before", () => {
    const reader = new StampReader();
    const [near, far] = [1, 9].map((distance) => Buffer.from(" ".repeat(distance) + stampedText(distance, 7, 40)));

    const found = [near, far].map((buffer) => buffer !== undefined && reader.read(buffer, 0, buffer.length) && reader.number);

    expect(found).toEqual([1, 9]);
  });

  it("finds nothing in what is no message", () => {
    const buffer = Buffer.from("a member has joined".repeat(4));

    expect(new StampReader().read(buffer, 0, buffer.length)).toBe(false);
  });
});

describe("stampedText", () => {
  it.each([minStampBytes, 128])("is as long as it should be: %i bytes", (bytes) => {
    expect(Buffer.byteLength(stampedText(1, 1_000_000.5, bytes))).toBe(bytes);
  });
});
