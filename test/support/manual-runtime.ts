// Time and randomness under a test's control. Nothing here looks at a real clock, so a run depends on nothing but its seed.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Runtime, Timer } from "../../src/server/runtime.js";

/** The time of day at which a manual clock begins: 2025-01-01T00:00:00Z, in milliseconds since 1970. */
export const manualStartMs = 1_735_689_600_000;

export interface ManualRuntime extends Runtime {
  /** The number of tasks that are planned and have neither run nor been cancelled. */
  readonly plannedTasks: number;
  /** The share of its time for which the event loop is at work from now on: 0 at the beginning. */
  workload: number;
  /**
   * Lets `ms` milliseconds pass, and runs what falls due on the way in the order of its due time, then of its planning; also
   * what is planned on the way. Everything runs before it returns, but for promises: those settle later. A task that throws
   * ends it.
   */
  advance(ms: number): void;
  /** Like `advance`, and lets promises settle before the first task, after each task, and at the end. */
  advanceAsync(ms: number): Promise<void>;
  /** Lets promises settle without letting time pass. It does not wait for input or output. */
  settle(): Promise<void>;
}

interface Task {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Tasks in the order in which they fall due; those due at the same time in the order in which they were planned. */
class Agenda {
  readonly #tasks: Task[] = [];

  get size(): number {
    return this.#tasks.length;
  }

  add(task: Task): void {
    this.#tasks.splice(this.#indexAfter(task.dueMs), 0, task);
  }

  remove(task: Task): void {
    const index = this.#tasks.indexOf(task);
    if (index >= 0) this.#tasks.splice(index, 1);
  }

  /** Takes out the next task that is due by a time. */
  takeDue(byMs: number): Task | undefined {
    const [next] = this.#tasks;
    return next !== undefined && next.dueMs <= byMs ? this.#tasks.shift() : undefined;
  }

  #indexAfter(dueMs: number): number {
    let low = 0;
    let high = this.#tasks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const task = this.#tasks[middle];
      if (task !== undefined && task.dueMs <= dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * A runtime whose clock stands still until it is advanced. `now` begins at `manualStartMs` and `monotonic` at 0. Random bytes
 * follow from the seed (1 by default): the same seed and calls give the same bytes. Delays below 1 ms count as 1 ms, as in
 * Node, so a task that plans itself again cannot stop the clock.
 */
export function createManualRuntime({ seed = 1 }: { seed?: number } = {}): ManualRuntime {
  const agenda = new Agenda();
  const nextByte = byteSource(seed);
  let elapsedMs = 0;
  let workload = 0;
  let workMs = 0;
  let workSinceMs = 0;
  const work = () => workMs + (elapsedMs - workSinceMs) * workload;

  function plan(ms: number, run: () => void, periodic: boolean): Timer {
    const delayMs = Math.max(1, ms);
    let task: Task;
    const planNext = () => {
      task = { dueMs: elapsedMs + delayMs, run: runTask };
      agenda.add(task);
    };
    const runTask = () => {
      // Planned before it runs, so that the task can cancel its own timer.
      if (periodic) planNext();
      run();
    };
    planNext();
    return { cancel: () => agenda.remove(task) };
  }

  function runNext(byMs: number): boolean {
    const task = agenda.takeDue(byMs);
    if (task === undefined) return false;
    elapsedMs = task.dueMs;
    task.run();
    return true;
  }

  return {
    clock: {
      now: () => manualStartMs + elapsedMs,
      monotonic: () => elapsedMs,
      after: (ms, task) => plan(ms, task, false),
      every: (ms, task) => plan(ms, task, true),
      // As promises settle, so that a test need not let time pass.
      soon: (task) => queueMicrotask(task),
      work,
    },
    randomBytes: (length) => Uint8Array.from({ length }, nextByte),
    get plannedTasks() {
      return agenda.size;
    },
    get workload() {
      return workload;
    },
    set workload(share) {
      [workMs, workSinceMs, workload] = [work(), elapsedMs, share];
    },
    advance(ms) {
      const untilMs = elapsedMs + ms;
      while (runNext(untilMs)) {}
      elapsedMs = untilMs;
    },
    async advanceAsync(ms) {
      const untilMs = elapsedMs + ms;
      await nextTurn();
      while (runNext(untilMs)) await nextTurn();
      elapsedMs = untilMs;
      await nextTurn();
    },
    settle: () => nextTurn(),
  };
}

/** The bytes of the generator mulberry32. */
function byteSource(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
}
