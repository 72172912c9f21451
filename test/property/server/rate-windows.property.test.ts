import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLimits, type LimitName, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import { RateWindows } from "../../../src/server/session/rate-windows.js";
import { createManualRuntime } from "../../support/manual-runtime.js";

const names = ["logins", "joins", "peerSends"] as const satisfies readonly LimitName[];
const allowed = fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY);
const limits = fc
  .record({ logins: allowed, joins: allowed, peerSends: allowed })
  .map((some) => ({ ...defaultLimits, ...some }));
const steps = fc.array(
  fc.record({ name: fc.constantFrom(...names), waitMs: fc.constantFrom(0, 0, 1, 333, 999, 1000, 2999, 3000) }),
  {
    maxLength: 40,
    size: "max",
  },
);

/** The events of one window, none of which is ever forgotten. */
class NaiveWindow {
  private readonly times: number[] = [];

  constructor(
    private readonly windowMs: number,
    private readonly limit: number,
  ) {}

  live(at: number): number {
    return this.times.filter((time) => time > at - this.windowMs).length;
  }

  /** The milliseconds after which there is room, found by trying each. */
  take(now: number): number {
    let wait = 0;
    while (this.live(now + wait) >= this.limit) wait += 1;
    if (wait === 0) this.times.push(now);
    return wait;
  }
}

describe("RateWindows", () => {
  it("allows and refuses as a list of all times does, exactly at the edges of the window", () => {
    fc.assert(
      fc.property(limits, steps, (someLimits, run) => {
        const { clock, advance } = createManualRuntime();
        const windows = new RateWindows(clock, someLimits);
        const model = new Map(names.map((name) => [name, new NaiveWindow(limitTable[name].windowMs, someLimits[name])]));
        for (const { name, waitMs } of run) {
          advance(waitMs);
          const now = clock.monotonic();

          expect(windows.take(name)).toBe(model.get(name)?.take(now));
          expect(windows.idle).toBe([...model.values()].every((window) => window.live(now) === 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is idle again when the last event has left its window", () => {
    const { clock, advance } = createManualRuntime();
    const windows = new RateWindows(clock, defaultLimits);
    windows.take("logins");

    advance(limitTable.logins.windowMs - 1);
    const before = windows.idle;
    advance(1);

    expect([before, windows.idle]).toEqual([false, true]);
  });
});
