import type { Runtime } from "../../runtime.js";
import type { ChannelDirectory, Member, MemberNotice } from "../ports/channel-directory.js";
import { channelTopic } from "../ports/channel-topic.js";
import { type ChannelKey, channelText } from "../ports/keys.js";
import { idsAfter } from "./ids-after.js";
import { MemberList } from "./member-list.js";
import type { MemoryBus } from "./memory-bus.js";
import { RandomIndexes } from "./random-indexes.js";

interface Channel {
  readonly channel: ChannelKey;
  readonly members: MemberList;
}

/** A channel directory in memory. It knows only channels with members. */
export class MemoryChannelDirectory implements ChannelDirectory {
  readonly #channels = new Map<string, Channel>();
  readonly #bus: MemoryBus;
  readonly #randomIndexes: RandomIndexes;

  constructor({ runtime, bus }: { runtime: Runtime; bus: MemoryBus }) {
    this.#bus = bus;
    this.#randomIndexes = new RandomIndexes(runtime);
  }

  async join(channel: ChannelKey, member: Member, notice?: MemberNotice): Promise<{ joined: boolean; count: number }> {
    const key = channelText(channel);
    const { members } = this.#channels.get(key) ?? { members: new MemberList() };
    this.#channels.set(key, { channel, members });
    const present = members.get(member.userId);
    if (present === undefined || present.epoch < member.epoch) members.put(member);
    if (present === undefined) this.#tell(channel, members.count, notice);
    return { joined: present === undefined, count: members.count };
  }

  async leave(
    channel: ChannelKey,
    userId: string,
    epoch: number,
    notice?: MemberNotice,
  ): Promise<{ left: boolean; count: number }> {
    const key = channelText(channel);
    const members = this.#membersOf(channel);
    if (members === undefined) return { left: false, count: 0 };
    const present = members.get(userId);
    if (present === undefined || present.epoch > epoch) return { left: false, count: members.count };
    members.remove(userId);
    if (members.count === 0) this.#channels.delete(key);
    this.#tell(channel, members.count + 1, notice);
    return { left: true, count: members.count };
  }

  async members(
    channel: ChannelKey,
    choice: Parameters<ChannelDirectory["members"]>[1],
  ): Promise<{ users: string[]; count: number }> {
    const members = this.#membersOf(channel);
    if (members === undefined) return { users: [], count: 0 };
    return { users: this.#choose(members, choice), count: members.count };
  }

  async counts(channels: readonly ChannelKey[]): Promise<number[]> {
    return channels.map((channel) => this.#membersOf(channel)?.count ?? 0);
  }

  async list(appId: string, after: string, limit: number): Promise<{ channels: string[]; count: number }> {
    const { ids, count } = idsAfter(this.#channels.keys(), appId, after, limit);
    return { channels: [...ids], count };
  }

  async count(): Promise<number> {
    return this.#channels.size;
  }

  async isMember(channel: ChannelKey, userId: string): Promise<boolean> {
    return this.#membersOf(channel)?.get(userId) !== undefined;
  }

  async ofNode(nodeId: string, limit: number): Promise<{ channel: ChannelKey; userId: string; epoch: number }[]> {
    const found: { channel: ChannelKey; userId: string; epoch: number }[] = [];
    for (const { channel, members } of this.#channels.values()) {
      for (const { userId, epoch } of members.ofNode(nodeId, limit - found.length)) found.push({ channel, userId, epoch });
      if (found.length >= limit) break;
    }
    return found;
  }

  #tell(channel: ChannelKey, size: number, notice: MemberNotice | undefined): void {
    if (notice === undefined) return;
    this.#bus.publishNow(channelTopic(channel), size <= notice.most ? notice.single : notice.many);
  }

  #membersOf(channel: ChannelKey): MemberList | undefined {
    return this.#channels.get(channelText(channel))?.members;
  }

  #choose(members: MemberList, choice: Parameters<ChannelDirectory["members"]>[1]): string[] {
    if (choice.order === "earliest") return members.earliest(choice.skip, choice.limit);
    return choice.order === "latest" ? members.latest(choice.limit) : members.random(choice.limit, this.#randomIndexes);
  }
}
