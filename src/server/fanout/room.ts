import type { AttributesWritten } from "../../../gen/aldis/node/v1/node.js";
import type { AttributeChange } from "../../../gen/aldis/v1/attribute.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { StoredAttributes } from "../engine/ports/attribute-store.js";
import type { Bus, Subscription } from "../engine/ports/bus.js";
import type { ChannelLog, LogPosition } from "../engine/ports/channel-log.js";
import { type ChannelNews, channelTopic, type PlacedMessages } from "../engine/ports/channel-topic.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import { type EventEntry, eventEntry } from "../event-entry.js";
import { presentAsChange } from "../feature/attribute/attribute-set.js";
import type { ChannelSettings } from "../feature/attribute/channel-settings.js";
import type { Unfinished } from "../feature/unfinished.js";
import { Broadcast } from "./broadcast.js";
import { placedEvents } from "./placed-events.js";
import type { RoomMembership } from "./room-membership.js";
import { Sequence, type SequenceReader } from "./sequence.js";

/** What a room needs of the features. */
export interface RoomServices {
  readonly bus: Bus;
  readonly log: Pick<ChannelLog, "head" | "read">;
  readonly limits: Pick<Limits, "batchBytes">;
  readonly readAttributes: (channel: ChannelKey) => Promise<StoredAttributes>;
  /** What attributes say of their channel. */
  readonly settingsOf: (attributes: StoredAttributes) => ChannelSettings;
  /** Members came or went, on any node. */
  readonly onMembersChanged: (channel: ChannelKey, settings: ChannelSettings) => void;
  /** Does what the engine cannot do now later. */
  readonly unfinished: Pick<Unfinished, "run">;
  readonly report: (failure: unknown) => void;
}

/** A channel on this node: the members that the node has, and what the channel's topic brings them. */
export class Room implements SequenceReader {
  private readonly broadcast: Broadcast<RoomMembership>;
  /** Resolves when the topic is heard and the settings are known. */
  readonly ready: Promise<void>;
  /** What the channel's attributes say of it. Undefined until they are read. */
  settings: ChannelSettings | undefined;
  private readonly subscription: Promise<Subscription>;
  private readonly sequence: Sequence;
  private attributeReads = 0;
  /** The revision of the attributes that the members know. */
  private revision = 0;
  private changesHeard = 0;
  private countChanged = false;
  private nextCountAtMs = 0;

  constructor(
    readonly channel: ChannelKey,
    private readonly services: RoomServices,
  ) {
    this.broadcast = new Broadcast(services.limits);
    this.sequence = new Sequence(channel, services.log, this, services.unfinished, services.report);
    this.subscription = services.bus.subscribe(
      channelTopic(channel),
      (news) => this.hear(news),
      () => this.onInterrupted(),
    );
    this.ready = this.subscription.then(() => this.begin());
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  add(member: RoomMembership): void {
    this.broadcast.add(member);
  }

  /** Takes a member out, who gets what came before. False if it was not there. */
  remove(member: RoomMembership): boolean {
    return this.broadcast.remove(member);
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

  /** Looks whether the bus has lost messages; with the log's newest place only if that is another one. */
  look(head?: LogPosition): void {
    if (head === undefined) this.sequence.look();
    else this.sequence.onHead(head);
  }

  /** Messages of the channel are next. */
  onMessages(messages: PlacedMessages): void {
    for (const events of placedEvents(messages, this.services.limits.batchBytes)) this.broadcast.send(events);
  }

  onHole(place: LogPosition): void {
    for (const member of this.members) member.offerHole(place);
  }

  private get members(): ReadonlySet<RoomMembership> {
    return this.broadcast.members;
  }

  private hear(news: ChannelNews): void {
    switch (news.$case) {
      case "messages":
        this.sequence.take(news.value);
        break;
      case "memberJoined":
      case "memberLeft":
        this.noteMembers();
        if (this.settings?.memberNotices !== false) this.spreadNotice(news.value.userId, eventEntry(news, "members"));
        break;
      case "membersChanged":
        this.noteMembers();
        if (news.value.missed) this.missMembers();
        break;
      case "attributesWritten":
        this.spreadAttributes(news.value);
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

  private spreadAttributes({ change, settingsChanged }: AttributesWritten): void {
    if (settingsChanged) this.services.unfinished.run(() => this.readAttributes()).catch(this.services.report);
    if (change === undefined) return;
    this.changesHeard += 1;
    this.spreadChange(change);
  }

  private spreadChange(change: AttributeChange): void {
    this.revision = change.revision;
    const value = { channel: this.channel.channel, change };
    const entry = eventEntry({ $case: "channelAttributes", value }, "attributes");
    for (const member of this.members) member.offerAttributes(entry);
  }

  private async begin(): Promise<void> {
    const [stored] = await Promise.all([this.readAttributes(), this.sequence.begin()]);
    if (this.changesHeard === 0) this.revision = stored.revision;
  }

  /** What the bus has lost is read again, or the members are told that it may be missing. */
  private onInterrupted(): void {
    this.look();
    this.noteMembers();
    this.missMembers();
    this.services.unfinished.run(() => this.tellMissedChange()).catch(this.services.report);
  }

  private missMembers(): void {
    for (const member of this.members) member.missMembers();
  }

  private async tellMissedChange(): Promise<void> {
    const heardBefore = this.changesHeard;
    const stored = await this.readAttributes();
    const overtaken = this.changesHeard !== heardBefore && this.revision >= stored.revision;
    if (stored.revision !== this.revision && !overtaken) this.spreadChange(presentAsChange(stored));
  }

  /** The read that began last has seen every change that was told before it. */
  private async readAttributes(): Promise<StoredAttributes> {
    this.attributeReads += 1;
    const read = this.attributeReads;
    const stored = await this.services.readAttributes(this.channel);
    if (read === this.attributeReads) this.settings = this.services.settingsOf(stored);
    return stored;
  }
}
