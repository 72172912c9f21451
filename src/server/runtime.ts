// The one place where the server touches time and randomness. Everything else gets a Runtime from its constructor, so a test
// or a simulation can replace it. A lint rule forbids the globals everywhere else.
import { randomBytes } from "node:crypto";

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
  /** Runs a task once, after at least `ms` milliseconds, or 24 days if that is less. The task must not throw. */
  after(ms: number, task: () => void): Timer;
  /** Runs a task again and again, `ms` milliseconds apart, for the first time within `ms`. The task must not throw. */
  every(ms: number, task: () => void): Timer;
  /** Runs a task once, when what has come in meanwhile has had its turn. The task must not throw. */
  soon(task: () => void): void;
  /** How long the event loop has been at work since an arbitrary moment, in milliseconds. It never goes back. */
  work(): number;
}

export interface Runtime {
  readonly clock: Clock;
  /** Random bytes that nobody can guess. */
  randomBytes(length: number): Uint8Array;
}

/** The longest delay that the system's timers take; a longer one would run at once. */
const longestDelayMs = 2 ** 31 - 1;

export const systemRuntime: Runtime = {
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, task) {
      // Node cuts off what is behind the point, and would be early.
      const handle = setTimeout(task, Math.min(Math.ceil(ms), longestDelayMs));
      return { cancel: () => clearTimeout(handle) };
    },
    every: everyOnTheBeat,
    soon: (task) => void setImmediate(task),
    work: () => performance.eventLoopUtilization().active,
  },
  randomBytes: randomBytesInStock(),
};

/** At multiples of `ms`, so that tasks that are due as often share a waking of the process, and a batch of the store. */
function everyOnTheBeat(ms: number, task: () => void): Timer {
  let [handle, dueAtMs]: [NodeJS.Timeout | undefined, number] = [undefined, 0];
  const plan = () => {
    const nowMs = performance.now();
    // The system's timers may be early by a part of a millisecond; that beat has been.
    dueAtMs = Math.max(dueAtMs + ms, (Math.floor(nowMs / ms) + 1) * ms);
    handle = setTimeout(run, Math.ceil(dueAtMs - nowMs));
  };
  const run = () => {
    plan();
    task();
  };
  plan();
  return { cancel: () => clearTimeout(handle) };
}

/** Gives random bytes out of a stock, since asking the system costs as much for many as for a few. None is given twice. */
function randomBytesInStock(): (length: number) => Uint8Array {
  const stockBytes = 4096;
  let stock = Buffer.alloc(0);
  return (length) => {
    if (length > stock.length) stock = randomBytes(Math.max(stockBytes, length));
    const taken = stock.subarray(0, length);
    stock = stock.subarray(length);
    return taken;
  };
}

/** A text of random letters, digits, "-" and "_" that carries `bits` random bits, rounded up to whole bytes. */
export function randomId(runtime: Runtime, bits = 128): string {
  const { buffer, byteOffset, length } = runtime.randomBytes(Math.ceil(bits / 8));
  return Buffer.from(buffer, byteOffset, length).toString("base64url");
}

/** The time that a date in words means, as certificates have it, in milliseconds since 1970. NaN if it is none. */
export function timeOf(date: string): number {
  return Date.parse(date);
}
