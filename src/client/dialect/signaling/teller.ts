import { messageOf } from "../../error.js";
import type { Logger } from "../../logger.js";
import type { CallOptions } from "../../options.js";
import { CallbackQueue } from "../shared/callback-queue.js";
import type { AgoraCallbacks, Told } from "./callbacks.js";

/** What the application is told of a call: the callbacks for its answer, and for what it failed with. */
export interface Outcome<T> {
  readonly done: (answer: T) => readonly Told[];
  readonly failed: (thrown: unknown) => readonly Told[];
}

/** Tells the application. Callbacks run in the order of the server's events and answers, never inside the method that caused them. */
export class Teller {
  readonly #callbacks: AgoraCallbacks;
  readonly #logger: Logger;
  readonly #queue: CallbackQueue;
  #closed = false;

  constructor(callbacks: AgoraCallbacks, logger: Logger) {
    this.#callbacks = callbacks;
    this.#logger = logger;
    this.#queue = new CallbackQueue((sentence) => this.log(sentence));
  }

  /** Plans callbacks behind those that wait. */
  tell(...told: readonly Told[]): void {
    for (const one of told) this.#queue.tell(() => this.#run(one));
  }

  /** Plans a line of the log. A callback for it that throws is not told of by another line. */
  log(line: string): void {
    this.#queue.tell(() => {
      try {
        this.#run(["onLog", line]);
      } catch (thrown) {
        this.#logger.warn("The callback onLog threw.", thrown);
      }
    });
  }

  /** Makes a call, and tells what it came to in its turn among the callbacks. Resolves then, and never rejects. */
  async follow<T>(call: (options: CallOptions) => Promise<T>, { done, failed }: Outcome<T>): Promise<void> {
    // An error that is thrown before there is a promise counts as well.
    const answer = this.#queue.answer(async (onSettled) => await call({ onSettled }));
    const told = await answer.then(done, failed);
    for (const one of told) this.#runInTurn(one);
  }

  /** Tells nothing any more. */
  close(): void {
    this.#closed = true;
    this.#queue.close();
  }

  #runInTurn(told: Told): void {
    try {
      this.#run(told);
    } catch (thrown) {
      this.log(`A callback threw: ${messageOf(thrown)}`);
    }
  }

  #run([name, ...args]: Told): void {
    const callback = this.#callbacks[name] as ((...args: unknown[]) => void) | null | undefined;
    if (!this.#closed) callback?.apply(this.#callbacks, args);
  }
}
