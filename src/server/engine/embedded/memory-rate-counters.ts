import type { Clock } from "../../runtime.js";
import { SlidingWindow } from "../../sliding-window.js";
import type { RateCounters } from "../ports/rate-counters.js";
import { AgeingMap } from "./ageing-map.js";

/** Rate counters in memory, on the monotonic clock. */
export class MemoryRateCounters implements RateCounters {
  readonly #clock: Clock;
  /** The windows by their length, then by key: of one length, the window that counted first is empty first. */
  readonly #windows = new Map<number, AgeingMap<SlidingWindow>>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  async take(key: string, limit: number, windowMs: number): Promise<number> {
    return this.takeNow(key, limit, windowMs);
  }

  /** The same within the caller's own step. */
  takeNow(key: string, limit: number, windowMs: number): number {
    // Nothing to count, and a list of all events would grow without bound.
    if (limit === Number.POSITIVE_INFINITY) return 0;
    const windows = this.#windowsOf(windowMs);
    const window = windows.get(key) ?? new SlidingWindow(windowMs);
    const waitMs = window.take(this.#clock.monotonic(), limit);
    if (waitMs === 0) windows.set(key, window);
    return waitMs;
  }

  #windowsOf(windowMs: number): AgeingMap<SlidingWindow> {
    const known = this.#windows.get(windowMs);
    if (known !== undefined) return known;
    const windows = new AgeingMap<SlidingWindow>(this.#clock, { ageMs: windowMs });
    this.#windows.set(windowMs, windows);
    return windows;
  }

  /** Frees the memory of windows that are empty. */
  sweep(): void {
    for (const windows of this.#windows.values()) windows.sweep();
  }
}
