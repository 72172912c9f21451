import type { Runtime as ClientRuntime } from "../../src/client/runtime.js";
import type { Clock, Runtime as ServerRuntime, Timer } from "../../src/server/runtime.js";
import type { Random } from "./random.js";

/**
 * The time and randomness of one process of the simulated world: its timers are counted, stand still with it, and die with it.
 */
export class Scope implements ServerRuntime, ClientRuntime {
  readonly clock: Clock;
  readonly #timers = new Set<Timer>();
  readonly #random: Random;
  #state: "runs" | "stands" | "dead" = "runs";
  /** What has come, or fallen due, while the process stood still: of each timer once. */
  readonly #overdue = new Map<object, () => void>();

  constructor(clock: Clock, random: Random) {
    this.#random = random;
    this.clock = {
      // A time of day is a whole number, as that of a machine.
      now: () => Math.floor(clock.now()),
      monotonic: () => clock.monotonic(),
      after: (ms, task) =>
        this.#keep((run, done) =>
          clock.after(ms, () =>
            run(() => {
              done();
              task();
            }),
          ),
        ),
      every: (ms, task) => this.#keep((run) => clock.every(ms, () => run(task))),
      soon: (task) => clock.soon(() => this.run(task)),
      work: () => clock.work(),
    };
  }

  /** The number of tasks that are planned. */
  get plannedTasks(): number {
    return this.#timers.size;
  }

  /** Does something in the process: now, or when it goes on, or never if it is dead. */
  run(task: () => void, key: object = task): void {
    if (this.#state === "runs") task();
    else if (this.#state === "stands") this.#overdue.set(key, task);
  }

  /** The process stands still, as after SIGSTOP. */
  pause(): void {
    if (this.#state === "runs") this.#state = "stands";
  }

  /** The process goes on, with what it has missed. */
  go(): void {
    if (this.#state !== "stands") return;
    this.#state = "runs";
    const overdue = [...this.#overdue.values()];
    this.#overdue.clear();
    for (const task of overdue) this.run(task);
  }

  /** Ends the process at once: nothing that it has planned runs. */
  kill(): void {
    this.#state = "dead";
    this.#overdue.clear();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  randomBytes(length: number): Uint8Array {
    return this.#random.bytes(length);
  }

  random(): number {
    return this.#random.next();
  }

  randomId(): string {
    return Buffer.from(this.#random.bytes(12)).toString("base64url");
  }

  #keep(plan: (run: (task: () => void) => void, done: () => void) => Timer): Timer {
    if (this.#state === "dead") return { cancel: () => {} };
    const inner = plan(
      (task) => this.run(task, timer),
      () => this.#timers.delete(timer),
    );
    const timer = {
      cancel: () => {
        inner.cancel();
        this.#overdue.delete(timer);
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return timer;
  }
}
