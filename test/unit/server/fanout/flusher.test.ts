import { beforeEach, describe, expect, it } from "vitest";
import { Flusher } from "../../../../src/server/fanout/flusher.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";

let runtime: ManualRuntime;
let turns: (() => void)[];
let load: { busy: boolean };
let waits: number[];
let flushed: string[];
let flusher: Flusher;

beforeEach(() => {
  runtime = createManualRuntime();
  [turns, load, waits, flushed] = [[], { busy: false }, [], []];
  const clock = { ...runtime.clock, soon: (task: () => void) => turns.push(task) };
  flusher = new Flusher(load, clock, { onFlush: (waitedMs) => waits.push(waitedMs) });
});

function plan(name: string, maxDelayMs = 50): void {
  flusher.plan({ flushDue: () => flushed.push(name) }, maxDelayMs);
}

/** Lets the event loop turn once. */
function turn(): void {
  for (const task of turns.splice(0)) task();
}

describe("Flusher", () => {
  it("flushes what cannot wait when what is going on is done, before what is planned for the turn", async () => {
    plan("planned");
    for (const name of ["one", "two"]) flusher.hurry({ flushNow: () => flushed.push(name) });
    const inside = [...flushed];
    await undefined;
    const soon = [...flushed];
    turn();

    expect([inside, soon, flushed]).toEqual([[], ["one", "two"], ["one", "two", "planned"]]);
  });

  it("on an idle node flushes in the next turn, in the order planned, and not inside the call", () => {
    plan("one");
    plan("two");
    const inside = [...flushed];
    turn();

    expect([inside, flushed, waits]).toEqual([[], ["one", "two"], [0, 0]]);
    expect(runtime.plannedTasks).toBe(0);
  });

  it("on a busy node waits, and at most as long as was said", () => {
    load.busy = true;
    plan("slow", 50);
    plan("quick", 20);
    runtime.advance(20);
    turn();
    const soon = [...flushed];
    runtime.advance(30);
    turn();

    expect([soon, flushed, waits]).toEqual([["quick"], ["quick", "slow"], [20, 50]]);
  });

  it("on a busy node does not wait for whoever accepts no delay", () => {
    load.busy = true;
    plan("impatient", 0);
    turn();

    expect(flushed).toEqual(["impatient"]);
  });

  it("takes one timer for all whose time comes together", () => {
    load.busy = true;
    for (let i = 0; i < 1000; i += 1) plan(`${i}`);

    expect(runtime.plannedTasks).toBe(1);
  });

  it("lets other work have its turn during a flush of many, forgets nobody, and keeps the order", () => {
    const names = Array.from({ length: 1000 }, (_, i) => `${i}`);
    for (const name of names) plan(name);
    let slices = 0;
    while (turns.length > 0) {
      turn();
      slices += 1;
      if (slices === 1) plan("late");
    }

    expect(slices).toBeGreaterThan(5);
    expect(flushed).toEqual([...names, "late"]);
  });

  it("plans nothing while nobody waits", () => {
    plan("one");
    turn();

    expect([turns, runtime.plannedTasks]).toEqual([[], 0]);
  });
});
