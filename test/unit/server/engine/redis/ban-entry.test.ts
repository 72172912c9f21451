import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBanEntry, encodeBanEntry, entryOfApp } from "../../../../../src/server/engine/redis/ban-entry.js";

const text = fc.string({ unit: fc.constantFrom("a", "b", "\u0000", "\u0001", "\u00ff", "\u{1F600}", "1", ":"), maxLength: 5 });
const place = fc.record({ appId: text, userId: text, channel: text });

describe("the entry of a ban", () => {
  it("says whose ban it is, and from where", () => {
    fc.assert(
      fc.property(place, (one) => {
        expect(decodeBanEntry(one.appId, encodeBanEntry(one))).toEqual(one);
      }),
    );
  });

  it("sorts by user, then channel, as their bytes do", () => {
    fc.assert(
      fc.property(place, place, (one, another) => {
        const other = { ...another, appId: one.appId };
        const bytes = ({ userId, channel }: typeof one) => [Buffer.from(userId), Buffer.from(channel)] as const;
        const [[user, channel], [otherUser, otherChannel]] = [bytes(one), bytes(other)];
        const expected = Buffer.compare(user, otherUser) || Buffer.compare(channel, otherChannel);

        expect(Buffer.compare(encodeBanEntry(one), encodeBanEntry(other))).toBe(expected);
      }),
    );
  });

  it("begins as those of its app do, and of no other one", () => {
    fc.assert(
      fc.property(place, text, (one, appId) => {
        const head = entryOfApp(appId);
        const begins = encodeBanEntry(one).subarray(0, head.length).equals(head);

        expect(begins).toBe(appId === one.appId);
      }),
    );
  });
});
