import fc from "fast-check";
import { expect, it } from "vitest";
import { MemoryRateCounters } from "../../../../src/server/engine/embedded/memory-rate-counters.js";
import { RedisRateCounters } from "../../../../src/server/engine/redis/redis-rate-counters.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { describeWithRedis, sharedRedis } from "../../../support/redis.js";
import { openRunner } from "../../../support/redis-runner.js";

const step = fc.record({
  key: fc.constantFrom("a", "}b"),
  limit: fc.constantFrom(-1, 0, 1, 2, 5, Number.POSITIVE_INFINITY),
  windowMs: fc.constantFrom(1_000, 3_000),
  pauseMs: fc.constantFrom(0, 0, 1, 333, 999, 1_000, 3_000),
});

describeWithRedis("RedisRateCounters", () => {
  const redis = sharedRedis();

  it("do what the counters in memory do, whatever comes", async () => {
    let time = () => 0;
    const runner = await openRunner(redis(), () => time());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const { clock, advance } = createManualRuntime();
        time = clock.now;
        await redis().call("FLUSHALL");
        const counters = [new MemoryRateCounters({ clock }), new RedisRateCounters({ runner })];
        for (const { key, limit, windowMs, pauseMs } of steps) {
          advance(pauseMs);
          const [memory, stored] = await Promise.all(counters.map((rates) => rates.take(key, limit, windowMs)));
          expect(stored).toBe(memory);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("have room when the server's clock is set back", async () => {
    let nowMs = 10_000;
    const rates = new RedisRateCounters({ runner: await openRunner(redis(), () => nowMs) });
    expect(await rates.take("key", 1, 1_000)).toBe(0);
    expect(await rates.take("key", 1, 1_000)).toBe(1_000);

    nowMs -= 5_000;

    expect(await rates.take("key", 1, 1_000)).toBe(0);
    expect(await rates.take("key", 1, 1_000)).toBe(1_000);
  });
});
