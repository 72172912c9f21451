import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { QuickHistogram } from "../../../../src/server/observe/quick-histogram.js";

const about = { name: "figure", help: "A figure.", buckets: [0, 1, 2.5, 10] };
const value = fc.oneof(fc.nat(12), fc.constantFrom(0, 1, 2.5, 10, 2.6));

describe("QuickHistogram", () => {
  it("shows the same as the histogram of prom-client", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value), async (values) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const quick = new QuickHistogram({ ...about, register: ours });
        const usual = new Histogram({ ...about, registers: [theirs] });
        for (const each of values) {
          quick.observe(each);
          usual.observe(each);
        }

        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });

  it("shows the same with labels", async () => {
    const word = fc.constantFrom("a", "b", "c");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, word, word)), async (values) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const quick = new QuickHistogram({ ...about, labelNames: ["one", "other"], register: ours });
        const usual = new Histogram({ ...about, labelNames: ["one", "other"], registers: [theirs] });
        for (const [each, one, other] of values) {
          quick.observe(each, one, other);
          usual.observe({ one, other }, each);
        }

        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });
});
