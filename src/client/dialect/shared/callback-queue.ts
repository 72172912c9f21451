import { messageOf } from "../../error.js";

/** Takes a sentence about something that went wrong where nobody waits for an answer. */
export type Complain = (sentence: string) => void;

/**
 * Runs an application's callbacks as the old systems did: never inside the call that caused them, one after another, in the order
 * in which they were told. One that throws is reported and does not disturb the next.
 */
export class CallbackQueue {
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(private readonly complain: Complain) {}

  /** Plans a callback. `run` looks for the callback when its turn comes, so one that was set meanwhile is called. */
  tell(run: () => void): void {
    if (this.#closed) return;
    if (this.#waiting.push(run) === 1) queueMicrotask(() => this.#runAll());
  }

  /** Forgets what waits, and everything that comes later. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #runAll(): void {
    // A callback may tell more, which goes to the end, or close the queue, which empties it.
    for (let run = this.#waiting[0]; run !== undefined; run = this.#waiting[0]) {
      this.#runOne(run);
      this.#waiting.shift();
    }
  }

  #runOne(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.complain(`A callback threw: ${messageOf(thrown)}`);
    }
  }
}
