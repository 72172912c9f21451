import { describe, expect, it } from "vitest";
import { AgeingMap } from "../../../../../src/server/engine/embedded/ageing-map.js";
import { collectGarbage } from "../../../../support/collect-garbage.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

describe("an ageing map", () => {
  it("keeps an entry for its age after it was last set, to the moment, however often it is swept", () => {
    const { clock, advance } = createManualRuntime();
    const map = new AgeingMap<string>(clock, { ageMs: 100 });
    const present: boolean[] = [];
    map.set("key", "old");
    for (const stepMs of [60, 99, 1]) {
      advance(stepMs);
      map.sweep();
      present.push(map.get("key") !== undefined);
      if (stepMs === 60) map.set("key", "new");
    }

    expect(present).toEqual([true, true, false]);
  });

  it("gives the value that was set last, also if one from before an age is still in memory", () => {
    const { clock, advance } = createManualRuntime();
    const map = new AgeingMap<string>(clock, { ageMs: 100 });
    advance(50);
    map.set("key", "old");
    advance(50);
    map.sweep();
    map.set("key", "new");

    expect(map.get("key")).toBe("new");
    map.delete("key");
    expect(map.get("key")).toBeUndefined();
  });

  it("frees what is gone within twice its age", async () => {
    const { clock, advance } = createManualRuntime();
    const map = new AgeingMap<object>(clock, { ageMs: 100 });
    map.set("key", {});
    const value = new WeakRef(map.get("key") ?? {});
    const sweepFor = (ms: number) => {
      for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 10) {
        advance(10);
        map.sweep();
      }
    };

    sweepFor(90);
    await collectGarbage();
    expect(value.deref()).toBeDefined();
    sweepFor(110);
    await collectGarbage();
    expect(value.deref()).toBeUndefined();
  });

  it("never has more than its most entries, and keeps the last half of them", () => {
    const { clock } = createManualRuntime();
    const map = new AgeingMap<number>(clock, { ageMs: Number.POSITIVE_INFINITY, maxEntries: 10 });

    for (let value = 0; value < 1000; value += 1) {
      map.set(`${value}`, value);
      const kept = Array.from({ length: value + 1 }, (_, one) => one).filter((one) => map.get(`${one}`) !== undefined);
      expect(kept.length).toBeLessThanOrEqual(10);
      expect(kept).toEqual(expect.arrayContaining(Array.from({ length: Math.min(5, value + 1) }, (_, back) => value - back)));
    }
  });
});
