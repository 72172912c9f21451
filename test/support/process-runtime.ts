import type { Clock, Runtime, Timer } from "../../src/server/runtime.js";

/** The time of one process, which can stand still or die: its timers stand still or die with it. */
export class ProcessRuntime implements Runtime {
  readonly clock: Clock;
  #state: "running" | "stopped" | "dead" = "running";
  /** What fell due while the process stood still: each timer once. */
  readonly #overdue = new Map<object, () => void>();

  constructor(private readonly outer: Runtime) {
    const { clock } = outer;
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, task) => this.#plan(task, (run) => clock.after(ms, run)),
      every: (ms, task) => this.#plan(task, (run) => clock.every(ms, run)),
      soon: (task) => clock.soon(() => this.#run({}, task)),
      work: () => clock.work(),
    };
  }

  randomBytes(length: number): Uint8Array {
    return this.outer.randomBytes(length);
  }

  /** Stops the process, as SIGSTOP does. */
  stop(): void {
    if (this.#state === "running") this.#state = "stopped";
  }

  /** Lets the process go on: what fell due meanwhile runs now. */
  go(): void {
    if (this.#state !== "stopped") return;
    this.#state = "running";
    const overdue = [...this.#overdue.values()];
    this.#overdue.clear();
    for (const task of overdue) task();
  }

  /** Ends the process: nothing that it has planned runs. */
  kill(): void {
    this.#state = "dead";
    this.#overdue.clear();
  }

  #plan(task: () => void, plan: (run: () => void) => Timer): Timer {
    const key = {};
    const timer = plan(() => {
      if (this.#state === "dead") timer.cancel();
      else this.#run(key, task);
    });
    return {
      cancel: () => {
        this.#overdue.delete(key);
        timer.cancel();
      },
    };
  }

  #run(key: object, task: () => void): void {
    if (this.#state === "running") task();
    else if (this.#state === "stopped") this.#overdue.set(key, task);
  }
}
