import { type ChannelKey, channelText } from "../engine/ports/keys.js";
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
  /** How many rooms each app has. */
  private readonly ofApps = new Map<string, number>();

  constructor(private readonly services: RoomServices) {}

  async enter(session: LiveSession, channel: ChannelKey, { receiveOwn }: { receiveOwn: boolean }): Promise<RoomMembership> {
    const membership = new RoomMembership(session, channel, receiveOwn);
    const key = channelText(channel);
    const room = this.rooms.get(key) ?? this.open(key, channel);
    room.add(membership);
    try {
      await room.ready;
    } catch (failure) {
      this.exit(membership);
      throw failure;
    }
    return membership;
  }

  exit(membership: RoomMembership): void {
    const key = channelText(membership.channel);
    const room = this.rooms.get(key);
    if (room === undefined || !room.remove(membership) || !room.isEmpty) return;
    this.rooms.delete(key);
    this.count(room.channel, -1);
    room.close();
  }

  settings(channel: ChannelKey): ChannelSettings | undefined {
    return this.rooms.get(channelText(channel))?.settings;
  }

  /** How many channels have members here. */
  get size(): number {
    return this.rooms.size;
  }

  /** How many channels of an app have members here. */
  sizeOf(appId: string): number {
    return this.ofApps.get(appId) ?? 0;
  }

  /** The rooms of the channels that have members here. */
  openRooms(): Iterable<Room> {
    return this.rooms.values();
  }

  private open(key: string, channel: ChannelKey): Room {
    const room = new Room(channel, this.services);
    this.rooms.set(key, room);
    this.count(channel, 1);
    return room;
  }

  private count({ appId }: ChannelKey, change: number): void {
    const rooms = this.sizeOf(appId) + change;
    if (rooms === 0) this.ofApps.delete(appId);
    else this.ofApps.set(appId, rooms);
  }
}
