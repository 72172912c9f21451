import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingWindow } from "../../../src/server/sliding-window.js";

const windowMs = 1000;
const limits = fc.constantFrom(0, 1, 2, 3, 7);
/** Times between events, in eighths of a millisecond: such times are exact, and so is the edge. */
const pauses = fc.oneof(
  fc.constantFrom(0, 1, 499.875, 999.875, 1000, 1000.125, 2500),
  fc.integer({ min: 0, max: 3200 }).map((eighths) => eighths / 8),
);

/** The events of a list from which nothing is ever removed. */
class NaiveWindow {
  readonly times: number[] = [];

  countAt(nowMs: number): number {
    return this.times.filter((time) => time + windowMs > nowMs).length;
  }
}

describe("SlidingWindow", () => {
  it("allows and refuses as a list of all times does, whatever the limit is at the moment", () => {
    const steps = fc.array(fc.record({ pause: pauses, limit: limits }), { maxLength: 120, size: "max" });
    fc.assert(
      fc.property(steps, (run) => {
        const [window, model] = [new SlidingWindow(windowMs), new NaiveWindow()];
        let nowMs = 0;
        for (const { pause, limit } of run) {
          nowMs += pause;
          const hasRoom = model.countAt(nowMs) < limit;
          const waitMs = window.take(nowMs, limit);

          expect(waitMs === 0).toBe(hasRoom);
          if (hasRoom) model.times.push(nowMs);
          else if (limit === 0) expect(waitMs).toBe(windowMs);
          else {
            // The wait is the first whole number of milliseconds after which there is room.
            expect(model.countAt(nowMs + waitMs)).toBeLessThan(limit);
            expect(model.countAt(nowMs + waitMs - 1)).toBeGreaterThanOrEqual(limit);
          }
        }
        expect(window.isEmpty(nowMs)).toBe(model.countAt(nowMs) === 0);
      }),
      { numRuns: 300 },
    );
  });

  it("never lets more than the limit into any window of its length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(pauses, { maxLength: 200, size: "max" }), (limit, run) => {
        const window = new SlidingWindow(windowMs);
        const taken: number[] = [];
        let nowMs = 0;
        for (const pause of run) {
          nowMs += pause;
          if (window.take(nowMs, limit) === 0) taken.push(nowMs);
        }

        for (const [index, time] of taken.entries()) {
          const first = taken[index - limit];
          if (first !== undefined) expect(time - first).toBeGreaterThanOrEqual(windowMs);
        }
      }),
      { numRuns: 300 },
    );
  });
});
