import { describe, expect, it } from "vitest";
import { type MakeEngine, openEngine } from "./engine-under-test.js";

/** A task that gives the number of its runs. */
function countingTask() {
  let runs = 0;
  return async () => {
    runs += 1;
    return runs;
  };
}

export function describeRetryMemory(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: retry memory`, () => {
    it("runs a task once, and gives its outcome to whoever asks with the same key", async () => {
      const { retries } = (await openEngine(makeEngine)).engine;
      const task = countingTask();

      expect(await retries.once("key", task)).toBe(1);
      expect(await retries.once("key", task)).toBe(1);
      expect(await retries.once("other", task)).toBe(2);
    });

    it("lets concurrent calls with one key share one run", async () => {
      const { retries } = (await openEngine(makeEngine)).engine;
      const task = countingTask();

      const outcomes = await Promise.all(Array.from({ length: 10 }, () => retries.once("key", task)));

      expect(new Set(outcomes)).toEqual(new Set([1]));
    });

    it("remembers an outcome for retryMemoryMs after the task has ended, to the moment", async () => {
      const { engine, advance } = await openEngine(makeEngine, { retryMemoryMs: 10_000 });
      const task = countingTask();
      let finish = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const first = engine.retries.once("key", () => finished.then(task));
      await advance(20_000);
      finish();
      expect(await first).toBe(1);

      await advance(9_999);
      expect(await engine.retries.once("key", task)).toBe(1);
      await advance(1);
      expect(await engine.retries.once("key", task)).toBe(2);
    });

    it("shares a run for as long as it takes", async () => {
      const { engine, advance } = await openEngine(makeEngine, { retryMemoryMs: 10_000 });
      let finish = (_outcome: string) => {};
      const first = engine.retries.once("key", () => new Promise<string>((resolve) => (finish = resolve)));
      await advance(60_000);
      const second = engine.retries.once("key", async () => "another run");
      finish("the outcome");

      expect(await Promise.all([first, second])).toEqual(["the outcome", "the outcome"]);
    });

    it("gives what a task throws to everybody who waits, and forgets it", async () => {
      const { retries } = (await openEngine(makeEngine)).engine;
      const failing = async () => {
        throw new Error("no luck");
      };

      const outcomes = await Promise.allSettled([retries.once("key", failing), retries.once("key", failing)]);

      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      expect(await retries.once("key", async () => "better")).toBe("better");
    });

    it("gives an outcome that is not final to everybody who waits, and forgets it", async () => {
      const { retries } = (await openEngine(makeEngine)).engine;
      const task = countingTask();
      const once = () => retries.once("key", task, (outcome) => outcome > 1);

      expect(await Promise.all([once(), once()])).toEqual([1, 1]);
      expect([await once(), await once()]).toEqual([2, 2]);
    });

    it("takes a task that throws before it gives a promise as one that rejects", async () => {
      const { retries } = (await openEngine(makeEngine)).engine;
      const throwing = (): Promise<string> => {
        throw new Error("no luck");
      };

      await expect(retries.once("key", throwing)).rejects.toThrow("no luck");
      expect(await retries.once("key", async () => "better")).toBe("better");
    });

    it("remembers that there was no outcome", async () => {
      const { retries } = (await openEngine(makeEngine)).engine;
      let runs = 0;
      const task = async () => {
        runs += 1;
      };

      await retries.once("__proto__", task);
      await retries.once("__proto__", task);

      expect(runs).toBe(1);
    });
  });
}
