/** Fewer expired events than this are not worth a compaction. */
const toleratedExpiredEvents = 32;

/** The events of the latest `windowMs` milliseconds. An event at time t is out at t + `windowMs`. */
export class SlidingWindow {
  /** The times of events in their order, with some at the front that have expired. */
  #times: number[] = [];
  #expired = 0;

  constructor(private readonly windowMs: number) {}

  /**
   * Counts an event if there is room: gives 0, else the whole milliseconds until there is, or the whole window if there never
   * is.
   */
  take(nowMs: number, limit: number): number {
    this.#expire(nowMs);
    if (this.#times.length - this.#expired < limit) {
      this.#times.push(nowMs);
      return 0;
    }
    // After a lowered limit more than one event has to go. Below 1 there is none that could go, and the wait is a window.
    const lastInTheWay = this.#times[this.#times.length - limit] ?? nowMs;
    return Math.ceil(lastInTheWay + this.windowMs - nowMs);
  }

  #expire(nowMs: number): void {
    while ((this.#times[this.#expired] ?? Number.POSITIVE_INFINITY) + this.windowMs <= nowMs) this.#expired += 1;
    if (this.#expired > toleratedExpiredEvents && this.#expired * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#expired);
      this.#expired = 0;
    }
  }
}
