import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import type { Engine } from "../engine/engine.js";
import type { Channels } from "../feature/channel.js";
import type { UserDepartures } from "../feature/user-departures.js";

/** How much of what a node has left is cleared at a time. */
const pageSize = 100;

/** After how many pages of which nothing could be cleared somebody else is to try. */
const fruitlessMax = 3;

/**
 * What a fallen node has left: claims of its sessions, and their members in channels. Each is cleared once, whoever clears, and
 * whoever clears it tells those whom it concerns. What has got a newer session meanwhile stays.
 */
export class Remains {
  constructor(
    private readonly engine: Pick<Engine, "sessions" | "channels">,
    private readonly departures: UserDepartures,
    private readonly channels: Channels,
  ) {}

  async clear(nodeId: string): Promise<void> {
    const { sessions, channels } = this.engine;
    const why = `the node "${nodeId}", which had the session, has fallen`;
    await inPages(
      () => sessions.ofNode(nodeId, pageSize),
      (claim) => this.departures.endLeft(claim, why),
    );
    await inPages(
      () => channels.ofNode(nodeId, pageSize),
      ({ channel, userId, epoch }) => {
        const claim = { user: { appId: channel.appId, userId }, epoch };
        return this.channels.announceLeave(claim, channel, LeaveReason.CONNECTION_LOST);
      },
    );
  }
}

/** Clears page after page until there is nothing more. */
async function inPages<T>(read: () => Promise<readonly T[]>, clear: (entry: T) => Promise<boolean>): Promise<void> {
  let fruitless = 0;
  for (let page = await read(); page.length > 0; page = await read()) {
    const cleared = await Promise.all(page.map(clear));
    // Another node may be at the same page.
    fruitless = cleared.some(Boolean) ? 0 : fruitless + 1;
    if (fruitless === fruitlessMax) throw new Error("what a fallen node has left cannot be cleared");
  }
}
