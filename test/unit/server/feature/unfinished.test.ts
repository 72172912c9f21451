import { beforeEach, describe, expect, it } from "vitest";
import { EngineUnavailable } from "../../../../src/server/engine/ports/unavailable.js";
import { Unfinished } from "../../../../src/server/feature/unfinished.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";

let runtime: ManualRuntime;
let unfinished: Unfinished;
let failures: unknown[];
let isAway: boolean;
let done: string[];

beforeEach(() => {
  runtime = createManualRuntime();
  [failures, done, isAway] = [[], [], false];
  unfinished = new Unfinished(runtime.clock, (failure) => failures.push(failure));
  unfinished.start();
});

const task = (name: string) => async () => {
  if (isAway) throw new EngineUnavailable("away");
  done.push(name);
};

describe("what is unfinished", () => {
  it("is done at once where the engine can serve", async () => {
    await unfinished.run(task("a"));

    expect([done, unfinished.size]).toEqual([["a"], 0]);
  });

  it("is tried again until it succeeds, once each", async () => {
    isAway = true;
    for (const name of ["a", "b", "c"]) await unfinished.run(task(name));
    await runtime.advanceAsync(5_000);
    const before = [[...done], unfinished.size];
    isAway = false;
    await runtime.advanceAsync(5_000);

    expect(before).toEqual([[], 3]);
    expect([done, unfinished.size, failures]).toEqual([["a", "b", "c"], 0, []]);
  });

  it("is all done, however much it is, and one that fails does not keep the others", async () => {
    isAway = true;
    const many = Array.from({ length: 200 }, (_, i) => `${i}`);
    const never = () => Promise.reject(new EngineUnavailable("never"));
    await Promise.all([unfinished.run(never), ...many.map((name) => unfinished.run(task(name)))]);
    isAway = false;
    await runtime.advanceAsync(10_000);

    expect(new Set(done)).toEqual(new Set(many));
    expect(done).toHaveLength(200);
    expect(unfinished.size).toBe(1);
  });

  it("is known at the end, which waits for what is under way, but not for long", async () => {
    const close = async () => {
      const closed = unfinished.close();
      await runtime.advanceAsync(5_000);
      return closed;
    };
    const isDoneBefore = await close();
    void unfinished.track(new Promise<void>((resolve) => runtime.clock.after(500, resolve)));
    const isDoneMeanwhile = await close();
    isAway = true;
    await unfinished.run(task("a"));
    const isDoneLater = await close();
    isAway = false;
    await runtime.advanceAsync(5_000);
    void unfinished.track(new Promise(() => {}));

    expect([isDoneBefore, isDoneMeanwhile, isDoneLater, await close()]).toEqual([true, true, false, false]);
  });

  it("does not hide a fault of the server", async () => {
    const faulty = async () => {
      if (isAway) throw new EngineUnavailable("away");
      throw new Error("a fault");
    };

    await expect(unfinished.run(faulty)).rejects.toThrow("a fault");
    isAway = true;
    await unfinished.run(faulty);
    isAway = false;
    await runtime.advanceAsync(2_000);

    expect([failures, unfinished.size]).toEqual([[new Error("a fault")], 0]);
  });
});
