import { beforeEach, describe, expect, it } from "vitest";
import { LoadMeter } from "../../../../src/server/fanout/load-meter.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";

let runtime: ManualRuntime;
let load: LoadMeter;

beforeEach(() => {
  runtime = createManualRuntime();
  load = new LoadMeter(runtime.clock);
  load.start();
});

/** Lets a second pass in which the event loop is at work for a share of the time. */
function work(share: number): void {
  runtime.workload = share;
  runtime.advance(1000);
}

describe("LoadMeter", () => {
  it("tells the share of the time in which the event loop is at work", () => {
    work(0.25);

    expect(load.utilization).toBeCloseTo(0.25);
  });

  it.each([
    [0, false],
    [0.35, false],
    [0.45, true],
    [1, true],
  ])("finds a node that works for %d of the time busy: %s", (share, busy) => {
    work(share);

    expect(load.busy).toBe(busy);
  });

  it("does not go to and fro where the load is about that at which a node becomes busy", () => {
    work(0.45);
    work(0.35);
    const stays = load.busy;
    work(0.25);

    expect([stays, load.busy]).toEqual([true, false]);
  });

  it("finds a node busy whose load is low because it batches, and not one that has nothing to batch", () => {
    work(0.45);
    runtime.workload = 0.1;
    for (let sample = 0; sample < 4; sample += 1) {
      load.onBatch(10_000);
      runtime.advance(250);
    }
    const batching = load.busy;
    for (let write = 0; write < 10_000; write += 1) load.onBatch(1);
    runtime.advance(250);

    expect([batching, load.busy]).toEqual([true, false]);
  });

  it("looks no more once it is stopped", () => {
    load.stop();

    work(1);

    expect([load.busy, runtime.plannedTasks]).toEqual([false, 0]);
  });
});
