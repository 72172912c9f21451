import type { Runtime } from "../../runtime.js";
import type { ChannelDirectory, Member } from "../ports/channel-directory.js";
import { type ChannelKey, keyText } from "../ports/keys.js";
import { MemberList } from "./member-list.js";
import { RandomIndexes } from "./random-indexes.js";

/** A channel directory in memory. It knows only channels with members. */
export class MemoryChannelDirectory implements ChannelDirectory {
  readonly #channels = new Map<string, MemberList>();
  readonly #randomIndexes: RandomIndexes;

  constructor({ runtime }: { runtime: Runtime }) {
    this.#randomIndexes = new RandomIndexes(runtime);
  }

  async join(channel: ChannelKey, member: Member): Promise<{ joined: boolean; count: number }> {
    const key = channelText(channel);
    const members = this.#channels.get(key) ?? new MemberList();
    this.#channels.set(key, members);
    const present = members.get(member.userId);
    if (present === undefined || present.epoch < member.epoch) members.put(member);
    return { joined: present === undefined, count: members.count };
  }

  async leave(channel: ChannelKey, userId: string, epoch: number): Promise<{ left: boolean; count: number }> {
    const key = channelText(channel);
    const members = this.#channels.get(key);
    if (members === undefined) return { left: false, count: 0 };
    const present = members.get(userId);
    if (present === undefined || present.epoch > epoch) return { left: false, count: members.count };
    members.remove(userId);
    if (members.count === 0) this.#channels.delete(key);
    return { left: true, count: members.count };
  }

  async members(
    channel: ChannelKey,
    { order, limit }: { order: "latest" | "random"; limit: number },
  ): Promise<{ users: string[]; count: number }> {
    const members = this.#channels.get(channelText(channel));
    if (members === undefined) return { users: [], count: 0 };
    const users = order === "latest" ? members.latest(limit) : members.random(limit, this.#randomIndexes);
    return { users, count: members.count };
  }

  async counts(channels: readonly ChannelKey[]): Promise<number[]> {
    return channels.map((channel) => this.#channels.get(channelText(channel))?.count ?? 0);
  }

  async isMember(channel: ChannelKey, userId: string): Promise<boolean> {
    return this.#channels.get(channelText(channel))?.get(userId) !== undefined;
  }
}

function channelText({ appId, channel }: ChannelKey): string {
  return keyText(appId, channel);
}
