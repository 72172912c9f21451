import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MakeEngine, openEngine } from "./engine-under-test.js";

export function describeRateCounters(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: rate counters`, () => {
    it("have room again exactly when the first event leaves the window", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      expect(await engine.rates.take("key", 2, 1000)).toBe(0);
      await advance(400);
      expect(await engine.rates.take("key", 2, 1000)).toBe(0);

      expect(await engine.rates.take("key", 2, 1000)).toBe(600);
      await advance(599);
      expect(await engine.rates.take("key", 2, 1000)).toBe(1);
      await advance(1);
      expect(await engine.rates.take("key", 2, 1000)).toBe(0);
      expect(await engine.rates.take("key", 2, 1000)).toBe(400);
    });

    it("count nothing that they refuse", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      await engine.rates.take("key", 1, 1000);
      await advance(999);
      for (let attempt = 0; attempt < 10; attempt += 1) await engine.rates.take("key", 1, 1000);
      await advance(1);

      expect(await engine.rates.take("key", 1, 1000)).toBe(0);
    });

    it("let through as many of many concurrent events as there is room for", async () => {
      const { rates } = (await openEngine(makeEngine)).engine;

      const waits = await Promise.all(Array.from({ length: 20 }, () => rates.take("key", 7, 1000)));

      expect(waits.filter((wait) => wait === 0)).toHaveLength(7);
      expect(waits.filter((wait) => wait > 0 && wait <= 1000)).toHaveLength(13);
    });

    it("count keys apart, whatever their characters, and windows of different length too", async () => {
      const { rates } = (await openEngine(makeEngine)).engine;

      for (const key of ["a", "b", "", "__proto__", "constructor", "*"]) expect(await rates.take(key, 1, 1000)).toBe(0);
      expect(await rates.take("a", 1, 2000)).toBe(0);
    });

    it("wait for enough events to leave when the limit has been lowered", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      for (let event = 0; event < 4; event += 1) {
        await engine.rates.take("key", 4, 1000);
        await advance(100);
      }

      expect(await engine.rates.take("key", 2, 1000)).toBe(800);
      await advance(800);
      expect(await engine.rates.take("key", 2, 1000)).toBe(0);
    });

    it("never have room for a limit below 1, and always for one without bound", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      await engine.rates.take("key", 1, 1000);
      await advance(5000);

      expect(await engine.rates.take("key", 0, 1000)).toBe(1000);
      expect(await engine.rates.take("key", -1, 1000)).toBe(1000);
      for (let event = 0; event < 100; event += 1) {
        expect(await engine.rates.take("key", Number.POSITIVE_INFINITY, 1000)).toBe(0);
      }
    });

    it("agree with a list of all events, whatever the pauses", async () => {
      const pause = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 50 }) }, fc.integer({ min: 0, max: 1100 }));
      const pauses = fc.array(pause, { maxLength: 300, size: "max" });
      await fc.assert(
        fc.asyncProperty(pauses, fc.integer({ min: 1, max: 40 }), async (pausesMs, limit) => {
          const { engine, advance } = await openEngine(makeEngine);
          const windowMs = 1000;
          const events: number[] = [];
          let nowMs = 0;
          for (const pauseMs of pausesMs) {
            await advance(pauseMs);
            nowMs += pauseMs;
            const inWindow = events.filter((event) => event + windowMs > nowMs);
            const first = inWindow[0] ?? 0;
            const expected = inWindow.length < limit ? 0 : first + windowMs - nowMs;

            const wait = await engine.rates.take("key", limit, windowMs);

            expect(wait).toBe(expected);
            if (wait === 0) events.push(nowMs);
          }
        }),
        { numRuns: 20 },
      );
    });
  });
}
