import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { AttributeStore } from "../../engine/ports/attribute-store.js";
import type { ChannelKey } from "../../engine/ports/keys.js";
import type { ChannelRooms } from "../live-session.js";
import { settingsOf } from "./channel-settings.js";
import type { EmptyChannels } from "./empty-channels.js";
import type { MemberNumbers } from "./member-numbers.js";

/** What joins and leaves mean for the attributes of a channel. */
export class ChannelLife {
  constructor(
    private readonly store: AttributeStore,
    private readonly rooms: ChannelRooms,
    private readonly numbers: MemberNumbers,
    private readonly emptyChannels: EmptyChannels,
    private readonly limits: Limits,
  ) {}

  /** A session of this node has joined. */
  joined(channel: ChannelKey): void {
    const settings = this.rooms.settings(channel);
    if (settings?.countsJoins) this.numbers.note(channel, settings.memberNumberMs, 1);
  }

  /** The last member has left, so no node hears the channel any more. */
  async emptied(channel: ChannelKey): Promise<void> {
    const { attributes, revision } = await this.store.read({ kind: "channel", key: channel });
    if (revision === 0) return;
    const { memberNumberMs, emptyAgeMs } = settingsOf(attributes, this.limits);
    if (memberNumberMs > 0) this.numbers.note(channel, memberNumberMs);
    this.emptyChannels.note(channel, emptyAgeMs);
  }
}
