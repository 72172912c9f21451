import type { ChannelLog } from "../engine/ports/channel-log.js";
import type { Clock, Timer } from "../runtime.js";
import type { Hub } from "./hub.js";

/** How often places are kept, in milliseconds. The log keeps the place of a channel that nobody uses for at least a minute. */
const intervalMs = 30_000;

/**
 * Keeps the places of the channels that have members on this node, however quiet they are. Otherwise the log would begin a new
 * epoch under its members, who would take its first messages for ones that they have: `no-silent-loss`. What the bus has lost at
 * the end of a channel is found on the way.
 */
export class PlaceKeeper {
  private timer: Timer | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly log: ChannelLog,
    private readonly clock: Clock,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(intervalMs, () => {
      this.keep().catch(this.report);
    });
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** One channel after the other, so that many do not burden the engine at once. */
  private async keep(): Promise<void> {
    for (const room of [...this.hub.openRooms()]) room.look(await this.log.head(room.channel));
  }
}
