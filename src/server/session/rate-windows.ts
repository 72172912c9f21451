import { type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../runtime.js";

/** The rates of one session: sliding windows, exact at their edges. An event leaves its window when the window's length is over. */
export class RateWindows {
  private readonly times = new Map<LimitName, number[]>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: Limits,
  ) {}

  /** True if nothing is counted at present. */
  get idle(): boolean {
    const now = this.clock.monotonic();
    for (const [limit, times] of this.times) {
      const last = times.at(-1);
      if (last !== undefined && last + limitTable[limit].windowMs > now) return false;
    }
    return true;
  }

  /** Counts one event. Gives 0, or the milliseconds after which there is room; then nothing was counted. */
  take(limit: LimitName): number {
    const now = this.clock.monotonic();
    const { windowMs } = limitTable[limit];
    const times = this.times.get(limit) ?? [];
    this.times.set(limit, times);
    const live = times.findIndex((time) => time + windowMs > now);
    times.splice(0, live === -1 ? times.length : live);
    const first = times[times.length - this.limits[limit]];
    if (first !== undefined) return Math.max(1, Math.ceil(first + windowMs - now));
    times.push(now);
    return 0;
  }
}
