import fc from "fast-check";
import { Counter, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { QuickCounter } from "../../../../src/server/observe/quick-counter.js";

const word = fc.constantFrom("a", "b", "c", "");

describe("QuickCounter", () => {
  it("shows the same as the counter of prom-client", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(word, word)), async (events) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const about = { name: "figure_total", help: "A figure.", labelNames: ["one", "other"] };
        const quick = new QuickCounter({ ...about, register: ours });
        const usual = new Counter({ ...about, registers: [theirs] });
        for (const [one, other] of events) {
          quick.inc(one, other);
          usual.inc({ one, other });
        }

        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });
});
