import { ChannelNotice } from "../../../gen/aldis/node/v1/node.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import type { Bus, Subscription } from "../engine/ports/bus.js";
import { channelTopic } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import { channelMessageEntry, eventEntry } from "../event-entry.js";
import type { ChannelRooms, LiveSession } from "../feature/live-session.js";
import { RoomMembership } from "./room-membership.js";

interface Room {
  readonly channel: ChannelKey;
  readonly members: Set<RoomMembership>;
  /** Resolves when the topic is heard. */
  readonly subscription: Promise<Subscription>;
}

/**
 * The members of each channel that this node has, and the way from the channel's topic to them. The topic is heard while there
 * is a member. An event is encoded once, whatever the number of members.
 */
export class Hub implements ChannelRooms {
  private readonly rooms = new Map<string, Room>();

  constructor(
    private readonly bus: Bus,
    private readonly report: (failure: unknown) => void,
  ) {}

  async enter(session: LiveSession, channel: ChannelKey, { receiveOwn }: { receiveOwn: boolean }): Promise<RoomMembership> {
    const membership = new RoomMembership(session, channel, receiveOwn);
    const topic = channelTopic(channel);
    const room = this.rooms.get(topic) ?? this.openRoom(topic, channel);
    room.members.add(membership);
    try {
      await room.subscription;
    } catch (failure) {
      this.exit(membership);
      throw failure;
    }
    return membership;
  }

  exit(membership: RoomMembership): void {
    const topic = channelTopic(membership.channel);
    const room = this.rooms.get(topic);
    if (room === undefined || !room.members.delete(membership) || room.members.size > 0) return;
    this.rooms.delete(topic);
    room.subscription.then((subscription) => subscription.end()).catch(this.report);
  }

  /** The channels that have members here. */
  channels(): ChannelKey[] {
    return [...this.rooms.values()].map(({ channel }) => channel);
  }

  private openRoom(topic: string, channel: ChannelKey): Room {
    const members = new Set<RoomMembership>();
    const room = { channel, members, subscription: this.bus.subscribe(topic, (message) => this.spread(members, message)) };
    this.rooms.set(topic, room);
    return room;
  }

  private spread(members: ReadonlySet<RoomMembership>, message: Uint8Array): void {
    const decoded = decodeStrict(ChannelNotice, message);
    if (!decoded.ok) return this.report(new Error(`a node sent a channel notice that cannot be read: ${decoded.problem}`));
    const { notice } = decoded.value;
    if (notice?.$case === "publication") {
      const { epoch, offset, sender } = notice.value;
      const entry = channelMessageEntry(notice.value.message, offset);
      for (const member of members) member.offerMessage({ epoch, offset }, sender, entry);
    } else if (notice !== undefined) {
      const entry = eventEntry(notice, "members");
      for (const member of members) member.offerNotice(notice.value.userId, entry);
    }
  }
}
