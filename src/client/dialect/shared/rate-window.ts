import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { failure } from "../../error.js";
import type { Clock } from "../../runtime.js";

/** A rate that an old system had and the server does not have: at most `max` times in any `windowMs` milliseconds. */
export class RateWindow {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #windowMs: number;
  #times: readonly number[] = [];

  constructor(clock: Clock, max: number, windowMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** Counts one. Throws `RATE_LIMITED`, with the time after which there is room, and counts nothing, if there is none. */
  take(): void {
    const now = this.#clock.monotonic();
    this.#times = this.#times.filter((time) => time + this.#windowMs > now);
    const first = this.#times[this.#times.length - this.#max];
    if (first !== undefined) {
      const retryAfterMs = Math.ceil(first + this.#windowMs - now);
      throw failure(ErrorCode.RATE_LIMITED, `At most ${this.#max} in ${this.#windowMs} ms.`, { retryAfterMs });
    }
    this.#times = [...this.#times, now];
  }
}
