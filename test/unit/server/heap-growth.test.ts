import { describe, expect, it } from "vitest";
import { HeapGrowth } from "../../../src/server/heap-growth.js";
import { createManualRuntime } from "../../support/manual-runtime.js";

function start(setPercent?: (percent: number) => void) {
  const runtime = createManualRuntime();
  const process = { bytes: 0 };
  const [limits, { clock }] = [{ memoryBytes: 1000 }, runtime];
  const growth = new HeapGrowth({ clock, limits, residentBytes: () => process.bytes, setPercent });
  growth.start();
  const have = (bytes: number) => {
    process.bytes = bytes;
    runtime.advance(1000);
  };
  return { growth, limits, runtime, have };
}

describe("the growth of the heap", () => {
  it("is large while there is room, and small near the ceiling of memory", () => {
    const told: number[] = [];
    const { have } = start((percent) => told.push(percent));

    for (const bytes of [100, 749]) have(bytes);
    expect(told).toEqual([200]);

    for (const bytes of [750, 900, 600]) have(bytes);
    expect(told).toEqual([200, 50]);

    for (const bytes of [599, 749]) have(bytes);
    expect(told).toEqual([200, 50, 200]);
  });

  it("follows a ceiling that changes while the server runs", () => {
    const told: number[] = [];
    const { have, limits } = start((percent) => told.push(percent));
    have(700);

    limits.memoryBytes = 900;
    have(700);

    expect(told).toEqual([200, 50]);
  });

  it("is looked at no more once it has been stopped", () => {
    const told: number[] = [];
    const { growth, have, runtime } = start((percent) => told.push(percent));

    growth.stop();
    have(1000);

    expect(told).toEqual([200]);
    expect(runtime.plannedTasks).toBe(0);
  });

  it("is a setting that this V8 has", () => {
    const { have } = start();

    expect(() => {
      have(1000);
      have(0);
    }).not.toThrow();
  });
});
