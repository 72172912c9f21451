import { messageOf } from "../../error.js";

/** Takes a sentence about something that went wrong where nobody waits for an answer. */
export type Complain = (sentence: string) => void;

/** What the application is to hear: a callback, or the answer to a call, which is told when its function's promise is resolved. */
type Entry = { readonly callback: () => void } | { readonly answer: () => Promise<void> };

/** How many asynchronous functions of an application may lie around a call, so that it goes on before the next callback. */
const NESTED_AWAITS = 16;

/**
 * Runs an application's callbacks as the old systems did: never inside the call that caused them, one after another, in the order
 * in which they were told. One that throws is reported and does not disturb the next. Answers to calls have their turn among them.
 */
export class CallbackQueue {
  #waiting: Entry[] = [];
  #running = false;
  #closed = false;

  constructor(private readonly complain: Complain) {}

  /** Plans a callback. `run` looks for the callback when its turn comes, so one that was set meanwhile is called. */
  tell(run: () => void): void {
    if (!this.#closed) this.#plan({ callback: run });
  }

  /**
   * Makes a call, and settles the promise in its turn among the callbacks. `call` is given what to call in step with the events:
   * the `onSettled` of its `CallOptions`. Callbacks that were told later wait until the code that awaits the promise has run.
   */
  answer<T>(call: (onSettled: () => void) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let planned = false;
      const plan = (): void => {
        if (planned) return;
        planned = true;
        this.#plan({ answer: () => outcome.then(resolve, reject) });
      };
      const outcome = call(plan);
      outcome.then(plan, plan);
    });
  }

  /** Makes a call as `answer` does, and plans a callback with what becomes of it, in its turn among the others. */
  tellOutcome<T>(
    call: (onSettled: () => void) => Promise<T>,
    succeeded: (value: T) => void,
    failed: (thrown: unknown) => void,
  ): void {
    const runUnlessClosed = (callback: () => void): void => {
      if (!this.#closed) this.#run(callback);
    };
    this.answer(call).then(
      (value) => runUnlessClosed(() => succeeded(value)),
      (thrown: unknown) => runUnlessClosed(() => failed(thrown)),
    );
  }

  /** Forgets the callbacks that wait, and all that come later. Answers are still given. */
  close(): void {
    this.#closed = true;
    this.#waiting = this.#waiting.filter((entry) => "answer" in entry);
  }

  #plan(entry: Entry): void {
    this.#waiting.push(entry);
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#runAll());
  }

  async #runAll(): Promise<void> {
    // A callback may tell more, which goes to the end, or close the queue.
    for (let entry = this.#waiting.shift(); entry !== undefined; entry = this.#waiting.shift()) {
      if ("callback" in entry) {
        this.#run(entry.callback);
        continue;
      }
      await entry.answer();
      for (let hop = 0; hop < NESTED_AWAITS; hop += 1) await undefined;
    }
    this.#running = false;
  }

  #run(callback: () => void): void {
    try {
      callback();
    } catch (thrown) {
      this.complain(`A callback threw: ${messageOf(thrown)}`);
    }
  }
}
