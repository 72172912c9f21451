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

  /** Counts one event. Gives 0, or the milliseconds after which there is room; then nothing was counted. */
  take(limit: LimitName): number {
    const window = this.windows.get(limit) ?? new SlidingWindow(limitTable[limit].windowMs);
    this.windows.set(limit, window);
    return window.take(this.clock.monotonic(), this.limits[limit]);
  }
}
