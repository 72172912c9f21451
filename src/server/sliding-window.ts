/** Fewer events than this that have left are not worth a compaction. */
const toleratedGone = 32;

/** The events of the latest `windowMs` milliseconds, exact at the edges: an event at time t has left at t + `windowMs`. */
export class SlidingWindow {
  /** The times of events in their order, with some at the front that have left. */
  #times: number[] = [];
  #gone = 0;

  constructor(private readonly windowMs: number) {}

  /**
   * Counts an event if there is room: gives 0, else the whole milliseconds until there is, or the whole window if there never
   * is. The time must not go back; the limit may change from call to call.
   */
  take(nowMs: number, limit: number): number {
    const waitMs = this.wait(nowMs, limit);
    if (waitMs === 0) this.#times.push(nowMs);
    return waitMs;
  }

  /** What `take` would give; counts nothing. */
  wait(nowMs: number, limit: number): number {
    this.#forget(nowMs);
    if (this.#times.length - this.#gone < limit) return 0;
    // After a lowered limit more than one event has to go. Below 1 there is none that could go, and the wait is a window.
    const lastInTheWay = this.#times[this.#times.length - limit] ?? nowMs;
    return Math.ceil(lastInTheWay + this.windowMs - nowMs);
  }

  /** True if all events have left. */
  isEmpty(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#times.length === this.#gone;
  }

  #forget(nowMs: number): void {
    while ((this.#times[this.#gone] ?? Number.POSITIVE_INFINITY) + this.windowMs <= nowMs) this.#gone += 1;
    if (this.#gone === this.#times.length || (this.#gone > toleratedGone && this.#gone * 2 > this.#times.length)) {
      this.#times = this.#times.slice(this.#gone);
      this.#gone = 0;
    }
  }
}
