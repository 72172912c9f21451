import { ChannelNotice } from "../../../gen/aldis/node/v1/node.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import type { Bus, Subscription } from "../engine/ports/bus.js";
import { channelTopic } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import { channelMessageEntry, type EventEntry, eventEntry } from "../event-entry.js";
import type { ChannelSettings } from "../feature/attribute/channel-settings.js";
import type { RoomMembership } from "./room-membership.js";

/** What a room needs of the features. */
export interface RoomServices {
  readonly bus: Bus;
  /** What the channel's attributes say of it at present. */
  readonly readSettings: (channel: ChannelKey) => Promise<ChannelSettings>;
  /** Members came or went, on any node. */
  readonly onMembersChanged: (channel: ChannelKey, settings: ChannelSettings) => void;
  readonly report: (failure: unknown) => void;
}

type Notice = NonNullable<ChannelNotice["notice"]>;

/** A channel on this node: the members that the node has, and what the channel's topic brings them. */
export class Room {
  readonly members = new Set<RoomMembership>();
  /** Resolves when the topic is heard and the settings are known. */
  readonly ready: Promise<void>;
  /** What the channel's attributes say of it. Undefined until they are read. */
  settings: ChannelSettings | undefined;
  private readonly subscription: Promise<Subscription>;
  private settingsReads = 0;
  private countChanged = false;
  private nextCountAtMs = 0;

  constructor(
    readonly channel: ChannelKey,
    private readonly services: RoomServices,
  ) {
    this.subscription = services.bus.subscribe(channelTopic(channel), (message) => this.hear(message));
    this.ready = this.subscription.then(() => this.readSettings());
  }

  close(): void {
    this.subscription.then((subscription) => subscription.end()).catch(this.services.report);
  }

  /** True if the members are to be told now how many they are: at most once an interval. The next call gives false. */
  takeCountDue(nowMs: number): boolean {
    const due = this.countChanged && nowMs >= this.nextCountAtMs;
    if (due) this.countChanged = false;
    return due;
  }

  /** Tells the members how many they are. */
  tellCount(memberCount: number, nowMs: number, limits: Limits): void {
    const isLarge = memberCount > limits.memberNotices;
    this.nextCountAtMs = nowMs + (isLarge ? limits.largeMemberCountIntervalMs : limits.memberCountIntervalMs);
    const entry = eventEntry({ $case: "memberCount", value: { channel: this.channel.channel, memberCount } }, "members");
    for (const member of this.members) if (!member.offerCount(memberCount, entry)) this.countChanged = true;
  }

  private hear(message: Uint8Array): void {
    const decoded = decodeStrict(ChannelNotice, message);
    const { report } = this.services;
    if (!decoded.ok) return report(new Error(`a node sent a channel notice that cannot be read: ${decoded.problem}`));
    if (decoded.value.notice !== undefined) this.spread(decoded.value.notice);
  }

  private spread(notice: Notice): void {
    switch (notice.$case) {
      case "publication": {
        const { epoch, offset, sender, message } = notice.value;
        const [place, entry] = [{ epoch, offset }, channelMessageEntry(message, offset)];
        for (const member of this.members) member.offerMessage(place, sender, entry);
        break;
      }
      case "memberJoined":
      case "memberLeft":
        this.noteMembers();
        if (this.settings?.memberNotices !== false) this.spreadNotice(notice.value.userId, eventEntry(notice, "members"));
        break;
      case "membersChanged":
        this.noteMembers();
        break;
      case "attributesWritten":
        this.spreadAttributes(notice);
        break;
    }
  }

  private spreadNotice(userId: string, entry: EventEntry): void {
    for (const member of this.members) member.offerNotice(userId, entry);
  }

  private noteMembers(): void {
    this.countChanged = true;
    if (this.settings !== undefined) this.services.onMembersChanged(this.channel, this.settings);
  }

  private spreadAttributes({ value: { change, settingsChanged } }: Extract<Notice, { $case: "attributesWritten" }>): void {
    if (settingsChanged) this.readSettings().catch(this.services.report);
    if (change === undefined) return;
    const value = { channel: this.channel.channel, change };
    const entry = eventEntry({ $case: "channelAttributes", value }, "attributes");
    for (const member of this.members) member.offerAttributes(entry);
  }

  /** The read that began last has seen every change that was told before it. */
  private async readSettings(): Promise<void> {
    this.settingsReads += 1;
    const read = this.settingsReads;
    const settings = await this.services.readSettings(this.channel);
    if (read === this.settingsReads) this.settings = settings;
  }
}
