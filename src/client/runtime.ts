// The one place where the client touches time and randomness. It uses Web APIs only. Everything else gets a Runtime, so a test
// or a simulation can replace it. A lint rule forbids the globals everywhere else.

/** A task that has been planned. */
export interface Timer {
  /** Forgets the task. Does nothing if it has run. */
  cancel(): void;
}

export interface Clock {
  /** The time of day in milliseconds since 1970. It may jump; use it only for what people or other machines see. */
  now(): number;
  /** Milliseconds since an arbitrary moment. It never goes back; use it for every duration. */
  monotonic(): number;
  /** Runs a task once, after at least `ms` milliseconds. The task must not throw. */
  after(ms: number, task: () => void): Timer;
}

export interface Runtime {
  readonly clock: Clock;
  /** A number from 0, inclusive, to 1, exclusive. */
  random(): number;
  /** A text that nobody can guess and that never comes again. At most 64 bytes. */
  randomId(): string;
}

/** The longest time that `setTimeout` can wait, in milliseconds. It takes a longer one for 1. */
const LONGEST_DELAY_MS = 2_147_483_647;

export const systemRuntime: Runtime = {
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, task) {
      const handle = setTimeout(task, Math.min(ms, LONGEST_DELAY_MS));
      return { cancel: () => clearTimeout(handle) };
    },
  },
  random: () => Math.random(),
  randomId: () => crypto.randomUUID(),
};
