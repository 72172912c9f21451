import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { AttributeStore } from "../../engine/ports/attribute-store.js";
import type { ChannelKey } from "../../engine/ports/keys.js";
import type { ChannelRooms } from "../live-session.js";
import type { ChannelAttributes } from "./channel-attributes.js";
import { settingsOf } from "./channel-settings.js";
import type { MemberNumbers } from "./member-numbers.js";

/** What joins and leaves mean for the attributes of a channel. */
export class ChannelLife {
  constructor(
    private readonly store: AttributeStore,
    private readonly rooms: ChannelRooms,
    private readonly numbers: MemberNumbers,
    private readonly attributes: ChannelAttributes,
    private readonly limits: Limits,
  ) {}

  /** A session of this node has joined, and the channel has `members` now. The first one keeps the attributes from ending. */
  async joined(channel: ChannelKey, members: number): Promise<void> {
    if (members === 1) await this.attributes.hold(channel);
    const settings = this.rooms.settings(channel);
    if (settings?.countsJoins) this.numbers.note(channel, settings.memberNumberMs, 1);
  }

  /** The last member has left, so no node hears the channel any more. */
  async emptied(channel: ChannelKey): Promise<void> {
    const stored = await this.store.read({ kind: "channel", key: channel });
    const { memberNumberMs } = settingsOf(stored.attributes, this.limits);
    if (memberNumberMs > 0) this.numbers.note(channel, memberNumberMs);
    await this.attributes.release(channel, stored);
  }
}
