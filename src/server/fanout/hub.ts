import { channelTopic } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import type { ChannelSettings } from "../feature/attribute/channel-settings.js";
import type { ChannelRooms, LiveSession } from "../feature/live-session.js";
import { Room, type RoomServices } from "./room.js";
import { RoomMembership } from "./room-membership.js";

/**
 * The members of each channel that this node has, and the way from the channel's topic to them. The topic is heard while there
 * is a member. An event is encoded once, whatever the number of members.
 */
export class Hub implements ChannelRooms {
  private readonly rooms = new Map<string, Room>();

  constructor(private readonly services: RoomServices) {}

  async enter(session: LiveSession, channel: ChannelKey, { receiveOwn }: { receiveOwn: boolean }): Promise<RoomMembership> {
    const membership = new RoomMembership(session, channel, receiveOwn);
    const topic = channelTopic(channel);
    const room = this.rooms.get(topic) ?? new Room(channel, this.services);
    this.rooms.set(topic, room);
    room.members.add(membership);
    try {
      await room.ready;
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
    room.close();
  }

  settings(channel: ChannelKey): ChannelSettings | undefined {
    return this.rooms.get(channelTopic(channel))?.settings;
  }

  /** How many channels have members here. */
  get size(): number {
    return this.rooms.size;
  }

  /** The rooms of the channels that have members here. */
  openRooms(): Iterable<Room> {
    return this.rooms.values();
  }
}
