// Time, randomness and ids for tests of the client, on the clock that the server's tests use.
import type { Runtime } from "../../src/client/runtime.js";
import { createManualRuntime } from "./manual-runtime.js";

export interface ClientClock extends Runtime {
  /** What `random` returns. 0.5 at the beginning. */
  chance: number;
  /** The number of tasks that are planned and have neither run nor been cancelled. */
  readonly plannedTasks: number;
  /** Lets `ms` milliseconds pass, runs what falls due, and lets promises settle. */
  advance(ms: number): Promise<void>;
  /** Lets promises settle without letting time pass. */
  settle(): Promise<void>;
}

/** A clock that stands still until it is advanced. Ids are "id-1", "id-2" and so on. */
export function createClientClock(): ClientClock {
  const manual = createManualRuntime();
  let ids = 0;
  return {
    clock: manual.clock,
    chance: 0.5,
    random() {
      return this.chance;
    },
    randomId: () => `id-${++ids}`,
    get plannedTasks() {
      return manual.plannedTasks;
    },
    advance: (ms) => manual.advanceAsync(ms),
    settle: () => manual.settle(),
  };
}
