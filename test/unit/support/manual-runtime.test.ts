import { describe, expect, it } from "vitest";
import { createManualRuntime, manualStartMs } from "../../support/manual-runtime.js";

describe("the clock of a manual runtime", () => {
  it("stands still until it is advanced, and tells the time of each task while it runs", () => {
    const runtime = createManualRuntime();
    const times: number[][] = [];
    const note = () => times.push([runtime.clock.now() - manualStartMs, runtime.clock.monotonic()]);

    note();
    runtime.clock.after(30, note);
    runtime.advance(100);
    note();

    expect(times).toEqual([
      [0, 0],
      [30, 30],
      [100, 100],
    ]);
  });

  it("runs tasks by their due time, then in the order planned, also those planned on the way", () => {
    const runtime = createManualRuntime();
    const ran: string[] = [];
    runtime.clock.after(20, () => ran.push("late"));
    runtime.clock.after(10, () => {
      ran.push("early");
      runtime.clock.after(10, () => ran.push("planned on the way, due with late"));
      runtime.clock.after(5, () => ran.push("planned on the way, due before"));
    });
    runtime.clock.after(10, () => ran.push("early too"));

    runtime.advance(20);

    expect(ran).toEqual(["early", "early too", "planned on the way, due before", "late", "planned on the way, due with late"]);
  });

  it("runs a task at its due time and not a millisecond before", () => {
    const runtime = createManualRuntime();
    const ran: number[] = [];
    runtime.clock.after(10, () => ran.push(runtime.clock.monotonic()));

    runtime.advance(9);
    expect(ran).toEqual([]);
    runtime.advance(1);
    expect(ran).toEqual([10]);
  });

  it("repeats a task until it is cancelled, also by itself", () => {
    const runtime = createManualRuntime();
    const ran: number[] = [];
    const timer = runtime.clock.every(10, () => {
      ran.push(runtime.clock.monotonic());
      if (ran.length === 3) timer.cancel();
    });

    runtime.advance(100);

    expect(ran).toEqual([10, 20, 30]);
    expect(runtime.plannedTasks).toBe(0);
  });

  it("forgets a cancelled task, and cancels one that has run without harm to others", () => {
    const runtime = createManualRuntime();
    const ran: string[] = [];
    const first = runtime.clock.after(10, () => ran.push("first"));
    const cancelled = runtime.clock.after(20, () => ran.push("cancelled"));
    runtime.clock.after(20, () => ran.push("last"));
    cancelled.cancel();
    runtime.advance(10);
    first.cancel();
    expect(runtime.plannedTasks).toBe(1);

    runtime.advance(10);

    expect(ran).toEqual(["first", "last"]);
  });

  it("comes to an end when a task plans itself without a delay", () => {
    const runtime = createManualRuntime();
    let runs = 0;
    const again = () => {
      runs += 1;
      runtime.clock.after(0, again);
    };
    again();

    runtime.advance(5);

    expect(runs).toBe(6);
  });

  it("lets promises settle between tasks when it is advanced asynchronously", async () => {
    const runtime = createManualRuntime();
    const heard: string[] = [];
    const waitFor = (ms: number) => new Promise<void>((resolve) => runtime.clock.after(ms, resolve));
    const chain = async () => {
      await waitFor(10);
      heard.push(`${runtime.clock.monotonic()}`);
      await waitFor(10);
      heard.push(`${runtime.clock.monotonic()}`);
    };
    void Promise.resolve().then(chain);

    await runtime.advanceAsync(20);

    expect(heard).toEqual(["10", "20"]);
  });
});

describe("the random bytes of a manual runtime", () => {
  it("are the same for the same seed, and different for another", () => {
    const bytes = (seed?: number) => [...createManualRuntime({ seed }).randomBytes(32)];

    expect(bytes(7)).toEqual(bytes(7));
    expect(bytes()).toEqual(bytes(1));
    expect(bytes(7)).not.toEqual(bytes(8));
  });

  it("go on with each call", () => {
    const runtime = createManualRuntime();

    expect(runtime.randomBytes(16)).not.toEqual(runtime.randomBytes(16));
    expect(runtime.randomBytes(16)).toHaveLength(16);
  });
});
