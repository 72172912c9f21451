import type { Clock, Timer } from "../../runtime.js";

/** How often the time of Redis is asked for, and how many times in a row: the answer that took the shortest way counts. */
const intervalMs = 10_000;
const tries = 5;
/** A step back up to this is waited out: the clock stands still. A longer one is taken, since Redis has another time then. */
const patienceMs = 1000;

/**
 * The clock of this process, with the time of day of Redis, so that all nodes have the same one whatever their own is. It is
 * right to half of the time that an answer of Redis takes, and does not go back but for a jump of the time of Redis.
 */
export class SharedClock implements Clock {
  readonly #own: Clock;
  readonly #askTime: () => Promise<number>;
  readonly #timer: Timer;
  /** What is to be added to the monotonic time. */
  #offsetMs: number;
  #lastMs = 0;

  /** `askTime` gives the time of Redis, in milliseconds since 1970. */
  private constructor(own: Clock, askTime: () => Promise<number>) {
    this.#own = own;
    this.#askTime = askTime;
    this.#offsetMs = own.now() - own.monotonic();
    // When Redis is away the clock goes on as it is.
    this.#timer = own.every(intervalMs, () => void this.#measure().catch(() => {}));
  }

  static async start(own: Clock, askTime: () => Promise<number>): Promise<SharedClock> {
    const clock = new SharedClock(own, askTime);
    await clock.#measure().catch((failure: unknown) => {
      clock.stop();
      throw failure;
    });
    return clock;
  }

  now(): number {
    const nowMs = Math.floor(this.#own.monotonic() + this.#offsetMs);
    if (nowMs > this.#lastMs || this.#lastMs - nowMs > patienceMs) this.#lastMs = nowMs;
    return this.#lastMs;
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  after(ms: number, task: () => void): Timer {
    return this.#own.after(ms, task);
  }

  every(ms: number, task: () => void): Timer {
    return this.#own.every(ms, task);
  }

  soon(task: () => void): void {
    this.#own.soon(task);
  }

  work(): number {
    return this.#own.work();
  }

  stop(): void {
    this.#timer.cancel();
  }

  async #measure(): Promise<void> {
    let shortestMs = Number.POSITIVE_INFINITY;
    let offsetMs = this.#offsetMs;
    for (let left = tries; left > 0; left -= 1) {
      const askedAt = this.#own.monotonic();
      const timeMs = await this.#askTime();
      const tookMs = this.#own.monotonic() - askedAt;
      if (tookMs >= shortestMs) continue;
      shortestMs = tookMs;
      offsetMs = timeMs - askedAt - tookMs / 2;
    }
    this.#offsetMs = offsetMs;
  }
}
