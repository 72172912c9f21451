import { type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { AppDirectory } from "../auth/app.js";
import type { Clock } from "../runtime.js";
import { SlidingWindow } from "../sliding-window.js";

/** What apps may do as a whole on this node: by the limits of the server, or by those that an app has of its own. */
export class AppLimits {
  /** The latest messages of each app. */
  private readonly messages = new Map<string, SlidingWindow>();

  constructor(
    private readonly limits: Limits,
    private readonly apps: AppDirectory,
    private readonly clock: Clock,
    private readonly onRefused: (limit: LimitName) => void,
  ) {}

  /** The limits in force for an app and its sessions. */
  of(appId: string): Limits {
    const own = this.apps.find(appId)?.limits;
    return own === undefined ? this.limits : { ...this.limits, ...own };
  }

  /** Counts a message of an app. Gives 0, or the milliseconds after which there is room; then nothing was counted. */
  takeMessage(appId: string): number {
    const window = this.messages.get(appId) ?? new SlidingWindow(limitTable.appMessages.windowMs);
    this.messages.set(appId, window);
    const retryAfterMs = window.take(this.clock.monotonic(), this.of(appId).appMessages);
    if (retryAfterMs > 0) this.onRefused("appMessages");
    return retryAfterMs;
  }
}
