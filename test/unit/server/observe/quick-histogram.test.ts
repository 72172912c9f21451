import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { QuickHistogram } from "../../../../src/server/observe/quick-histogram.js";

describe("QuickHistogram", () => {
  it("shows the same as the histogram of prom-client", async () => {
    const about = { name: "figure", help: "A figure.", buckets: [0, 1, 2.5, 10] };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.nat(12), fc.constantFrom(0, 1, 2.5, 10, 2.6))), async (values) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const quick = new QuickHistogram({ ...about, register: ours });
        const usual = new Histogram({ ...about, registers: [theirs] });
        for (const value of values) {
          quick.observe(value);
          usual.observe(value);
        }

        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });
});
