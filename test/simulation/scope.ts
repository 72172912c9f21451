import type { Runtime as ClientRuntime } from "../../src/client/runtime.js";
import type { Clock, Runtime as ServerRuntime, Timer } from "../../src/server/runtime.js";
import type { Random } from "./random.js";

/** The time and randomness of one process of the simulated world: its timers are counted, and die with it. */
export class Scope implements ServerRuntime, ClientRuntime {
  readonly clock: Clock;
  readonly #timers = new Set<Timer>();
  readonly #random: Random;
  #dead = false;

  constructor(clock: Clock, random: Random) {
    this.#random = random;
    this.clock = {
      // A time of day is a whole number, as that of a machine.
      now: () => Math.floor(clock.now()),
      monotonic: () => clock.monotonic(),
      after: (ms, task) =>
        this.#keep((done) =>
          clock.after(ms, () => {
            done();
            task();
          }),
        ),
      every: (ms, task) => this.#keep(() => clock.every(ms, task)),
      soon: (task) =>
        clock.soon(() => {
          if (!this.#dead) task();
        }),
      work: () => clock.work(),
    };
  }

  /** The number of tasks that are planned. */
  get plannedTasks(): number {
    return this.#timers.size;
  }

  /** Ends the process at once: nothing that it has planned runs. */
  kill(): void {
    this.#dead = true;
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

  #keep(plan: (done: () => void) => Timer): Timer {
    if (this.#dead) return { cancel: () => {} };
    const inner = plan(() => this.#timers.delete(timer));
    const timer = {
      cancel: () => {
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return timer;
  }
}
