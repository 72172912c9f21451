import fc from "fast-check";
import { expect, it } from "vitest";
import { Ring } from "../../../src/server/ring.js";

it("keeps the latest of whatever comes, in order, and says what went for it", () => {
  const property = fc.property(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 20 }), (max, count) => {
    const ring = new Ring<number>(max);
    const all = Array.from({ length: count }, (_, item) => item);

    const dropped = all.map((item) => ring.push(item));

    expect(dropped).toEqual(all.map((item) => (item < max ? undefined : item - max)));
    expect(ring.filter(() => true)).toEqual(all.slice(-max));
    expect(ring.filter((item) => item % 2 === 0)).toEqual(all.slice(-max).filter((item) => item % 2 === 0));
    expect(ring.hasDropped).toBe(count > max);
  });
  fc.assert(property);
});
