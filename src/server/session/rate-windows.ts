import { type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../runtime.js";
import { SlidingWindow } from "../sliding-window.js";

/** The rates of one session, or of one address. */
export class RateWindows {
  private readonly windows = new Map<LimitName, SlidingWindow>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: Limits,
  ) {}

  /** True if nothing is counted at present. */
  get idle(): boolean {
    const now = this.clock.monotonic();
    for (const window of this.windows.values()) if (!window.isEmpty(now)) return false;
    return true;
  }

  /**
   * Counts one event. Gives 0, or the milliseconds after which there is room; then nothing was counted. `share` is the part of
   * the limit that may be used; above 1 it is a multiple.
   */
  take(limit: LimitName, share = 1): number {
    return this.windowOf(limit).take(this.clock.monotonic(), Math.ceil(this.limits[limit] * share));
  }

  /** True if `take` with the same arguments would find no room. */
  isFull(limit: LimitName, share = 1): boolean {
    return this.windowOf(limit).wait(this.clock.monotonic(), Math.ceil(this.limits[limit] * share)) > 0;
  }

  private windowOf(limit: LimitName): SlidingWindow {
    const known = this.windows.get(limit);
    if (known !== undefined) return known;
    const window = new SlidingWindow(limitTable[limit].windowMs);
    this.windows.set(limit, window);
    return window;
  }
}
