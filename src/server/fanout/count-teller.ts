import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { ChannelDirectory } from "../engine/ports/channel-directory.js";
import type { Clock, Timer } from "../runtime.js";
import type { Hub } from "./hub.js";

/** How often the node looks which rooms are due, in an interval of small channels. */
const looksPerInterval = 4;

/** Tells the members of this node how many are in their channels: one timer for all, and only the latest number counts. */
export class CountTeller {
  private timer: Timer | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly directory: ChannelDirectory,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    const lookEveryMs = this.limits.memberCountIntervalMs / looksPerInterval;
    this.timer = this.clock.every(lookEveryMs, () => this.tellDue().catch(this.report));
  }

  stop(): void {
    this.timer?.cancel();
  }

  private async tellDue(): Promise<void> {
    const nowMs = this.clock.monotonic();
    const due = [...this.hub.openRooms()].filter((room) => room.takeCountDue(nowMs));
    if (due.length === 0) return;
    const counts = await this.directory.counts(due.map(({ channel }) => channel));
    for (const [i, room] of due.entries()) room.tellCount(counts[i] ?? 0, nowMs, this.limits);
  }
}
