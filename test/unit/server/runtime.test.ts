import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { randomId, systemRuntime } from "../../../src/server/runtime.js";

test("random bytes have the length that was asked for, and none are given twice", () => {
  const taken = Array.from({ length: 2000 }, () => systemRuntime.randomBytes(16));
  expect(taken.every((bytes) => bytes.length === 16)).toBe(true);
  expect(new Set(taken.map((bytes) => Buffer.from(bytes).toString("hex"))).size).toBe(2000);
  expect(systemRuntime.randomBytes(0).length).toBe(0);
  expect(systemRuntime.randomBytes(10_000).length).toBe(10_000);
});

test("random bytes that were given stay as they are", () => {
  const first = systemRuntime.randomBytes(32);
  const copy = first.slice();
  for (let i = 0; i < 1000; i += 1) randomId(systemRuntime);
  expect(first).toEqual(copy);
});

test("a timer is not early by a part of a millisecond, which Node would cut off", () => {
  const planned = vi.spyOn(globalThis, "setTimeout");
  onTestFinished(() => planned.mockRestore());
  const timer = systemRuntime.clock.after(1.2, () => undefined);
  expect(planned).toHaveBeenLastCalledWith(expect.any(Function), 2);
  timer.cancel();
});

describe("what is done again and again", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("is done at the same moments by all who do it as often, whenever they began, and at some of them by those who do it seldomer", () => {
    const done: Record<"early" | "late" | "seldom", number[]> = { early: [], late: [], seldom: [] };
    const note = (times: number[]) => () => times.push(performance.now());
    vi.advanceTimersByTime(1000 - (performance.now() % 1000));
    const beginMs = performance.now();
    systemRuntime.clock.every(250, note(done.early));
    vi.advanceTimersByTime(130);
    systemRuntime.clock.every(250, note(done.late));
    systemRuntime.clock.every(1000, note(done.seldom));
    vi.advanceTimersByTime(2000);

    const beats = Array.from({ length: 8 }, (_, i) => beginMs + 250 * (i + 1));
    expect(done).toEqual({ early: beats, late: beats, seldom: [beginMs + 1000, beginMs + 2000] });
  });

  test("is not done any more once it is cancelled", () => {
    let runs = 0;
    const timer = systemRuntime.clock.every(1000, () => (runs += 1));
    vi.advanceTimersByTime(3000);
    expect(runs).toBe(3);

    timer.cancel();
    vi.advanceTimersByTime(3000);
    expect(runs).toBe(3);
  });

  test("is done once a beat when the timer is early by a part of a millisecond", () => {
    let [runs, nowMs] = [0, 100];
    const now = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    onTestFinished(() => now.mockRestore());
    systemRuntime.clock.every(1000, () => (runs += 1));
    nowMs = 999.6;
    vi.advanceTimersByTime(900);
    vi.advanceTimersByTime(1000);
    expect(runs).toBe(1);

    nowMs = 2000.6;
    vi.advanceTimersByTime(1);
    expect(runs).toBe(2);
  });
});
