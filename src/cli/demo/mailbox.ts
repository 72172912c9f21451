import type { Clock } from "../../server/runtime.js";

const patienceMs = 10_000;

/** Keeps what events bring until the story asks for it. */
export class Mailbox<T> {
  readonly #clock: Clock;
  readonly #items: T[] = [];
  #onItem = (): void => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of items that nobody has taken. */
  get size(): number {
    return this.#items.length;
  }

  put(item: T): void {
    this.#items.push(item);
    this.#onItem();
  }

  /** The next items, in the order in which they came. Waits for them for 10 s, then rejects. One taker at a time. */
  take(count: number, what: string): Promise<T[]> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(patienceMs, () => {
        reject(new Error(`only ${this.#items.length} of ${count} ${what} came within ${patienceMs / 1000} s`));
      });
      this.#onItem = () => {
        if (this.#items.length < count) return;
        timer.cancel();
        this.#onItem = () => {};
        resolve(this.#items.splice(0, count));
      };
      this.#onItem();
    });
  }
}
