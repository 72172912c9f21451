import { describe, expect, it, onTestFinished } from "vitest";
import { SharedClock } from "../../../../../src/server/engine/redis/shared-clock.js";
import { createManualRuntime, manualStartMs } from "../../../../support/manual-runtime.js";

/** A clock whose Redis is ahead of the process, and answers after some milliseconds each time. */
async function startClock({ aheadMs, tookMs = [0] }: { aheadMs: number; tookMs?: readonly number[] }) {
  const runtime = createManualRuntime();
  const redis = { aheadMs, asked: 0 };
  const askTime = async () => {
    const took = tookMs[redis.asked % tookMs.length] ?? 0;
    redis.asked += 1;
    runtime.advance(took / 2);
    const timeMs = runtime.clock.now() + redis.aheadMs;
    runtime.advance(took / 2);
    return timeMs;
  };
  const clock = await SharedClock.start(runtime.clock, askTime);
  onTestFinished(() => clock.stop());
  return { clock, runtime, redis };
}

describe("clock shared by nodes", () => {
  it("has the time of Redis, whatever the own one is", async () => {
    const { clock, runtime } = await startClock({ aheadMs: 60_000 });

    expect(clock.now()).toBe(manualStartMs + 60_000);
    runtime.advance(500);
    expect(clock.now()).toBe(manualStartMs + 60_500);
    expect(clock.monotonic()).toBe(500);
  });

  it("goes by the answer that took the shortest way", async () => {
    const { clock, runtime } = await startClock({ aheadMs: -5000, tookMs: [400, 2, 1000] });

    expect(clock.now()).toBe(runtime.clock.now() - 5000);
  });

  it("stands still where Redis has gone back a little, and follows a jump", async () => {
    const { clock, runtime, redis } = await startClock({ aheadMs: 0 });
    redis.aheadMs = -400;
    await runtime.advanceAsync(9999);
    const before = clock.now();
    await runtime.advanceAsync(1);
    runtime.advance(100);
    expect(clock.now()).toBe(before);

    redis.aheadMs = -60_000;
    await runtime.advanceAsync(10_000);
    expect(clock.now()).toBe(runtime.clock.now() - 60_000);
  });

  it("goes on while Redis is away, and rejects where it never was there", async () => {
    const { clock, runtime, redis } = await startClock({ aheadMs: 1000 });
    redis.aheadMs = Number.NaN;
    runtime.advance(5000);
    expect(clock.now()).toBe(manualStartMs + 6000);

    const away = () => Promise.reject(new Error("away"));
    await expect(SharedClock.start(runtime.clock, away)).rejects.toThrow("away");
  });
});
