import { type Runtime, randomId } from "../../runtime.js";
import type { ChannelDirectory, Member, MemberNotice } from "../ports/channel-directory.js";
import { channelKind } from "../ports/channel-topic.js";
import type { ChannelKey } from "../ports/keys.js";
import { IdList } from "./id-list.js";
import { channelTag } from "./keys.js";
import { NodeIndex } from "./node-index.js";
import { listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { chooseMembers, countMembers, findMember, joinChannel, leaveChannel } from "./scripts/members.js";

/** A channel directory in Redis. It knows only channels with members. */
export class RedisChannelDirectory implements ChannelDirectory {
  readonly #runner: Runner;
  readonly #runtime: Runtime;
  readonly #ofNode: NodeIndex;
  readonly #channels: IdList;

  constructor({ runner, runtime }: { runner: Runner; runtime: Runtime }) {
    this.#runner = runner;
    this.#runtime = runtime;
    this.#ofNode = new NodeIndex(runner, "members");
    this.#channels = new IdList(runner, "channels");
  }

  async join(
    channel: ChannelKey,
    { userId, nodeId, epoch }: Member,
    notice?: MemberNotice,
  ): Promise<{ joined: boolean; count: number }> {
    const token = randomId(this.#runtime, 96);
    await this.#ofNode.add(nodeId, indexEntry(channel, userId, token));
    const args = { user: userId, epoch, token, node: nodeId, ...noticeArgs(notice) };
    const reply = changeReply(await this.#runner.run(joinChannel, channelTag(channel), args));
    if (reply.changed && reply.count === 1) this.#channels.setLater(channel.appId, channel.channel, true, reply.stamp);
    this.#forget(channel, userId, reply);
    return { joined: reply.changed, count: reply.count };
  }

  async leave(
    channel: ChannelKey,
    userId: string,
    epoch: number,
    notice?: MemberNotice,
  ): Promise<{ left: boolean; count: number }> {
    const args = { user: userId, epoch, ...noticeArgs(notice) };
    const reply = changeReply(await this.#runner.run(leaveChannel, channelTag(channel), args));
    if (reply.changed && reply.count === 0) this.#channels.setLater(channel.appId, channel.channel, false, reply.stamp);
    this.#forget(channel, userId, reply);
    return { left: reply.changed, count: reply.count };
  }

  async members(
    channel: ChannelKey,
    choice: Parameters<ChannelDirectory["members"]>[1],
  ): Promise<{ users: string[]; count: number }> {
    const args = { skip: 0, ...choice };
    const [count, users] = listOf(await this.#runner.run(chooseMembers, channelTag(channel), args));
    return { users: listOf(users).map(textOf), count: numberOf(count) };
  }

  counts(channels: readonly ChannelKey[]): Promise<number[]> {
    return Promise.all(channels.map((channel) => this.#count(channel)));
  }

  async list(appId: string, after: string, limit: number): Promise<{ channels: string[]; count: number }> {
    const { found, count } = await this.#channels.list(appId, after, limit, async (channel) =>
      (await this.#count({ appId, channel })) > 0 ? channel : undefined,
    );
    return { channels: found, count };
  }

  count(): Promise<number> {
    return this.#channels.count();
  }

  async isMember(channel: ChannelKey, userId: string): Promise<boolean> {
    return (await this.#find(channel, userId)).token !== "";
  }

  ofNode(nodeId: string, limit: number): Promise<{ channel: ChannelKey; userId: string; epoch: number }[]> {
    return this.#ofNode.some(nodeId, limit, async (text) => {
      const [token, appId, name, userId] = JSON.parse(text) as [string, string, string, string];
      const channel = { appId, channel: name };
      const found = await this.#find(channel, userId);
      return found.token === token ? { channel, userId, epoch: found.epoch } : undefined;
    });
  }

  async #count(channel: ChannelKey): Promise<number> {
    return numberOf(await this.#runner.run(countMembers, channelTag(channel), {}));
  }

  async #find(channel: ChannelKey, userId: string): Promise<{ epoch: number; token: string }> {
    const [epoch, token] = listOf(await this.#runner.run(findMember, channelTag(channel), { user: userId }));
    return { epoch: numberOf(epoch), token: textOf(token) };
  }

  #forget(channel: ChannelKey, userId: string, { token, nodeId }: ChangeReply): void {
    if (token !== "") this.#ofNode.removeLater(nodeId, indexEntry(channel, userId, token));
  }
}

/** The encoded notice. Without one nobody is to hear of a change. */
function noticeArgs(notice: MemberNotice | undefined) {
  if (notice === undefined) return { single: new Uint8Array(), most: 0, many: new Uint8Array() };
  const { single, most, many } = notice;
  return { single: channelKind.encode(single), most, many: channelKind.encode(many) };
}

interface ChangeReply {
  readonly changed: boolean;
  readonly count: number;
  /** What counts no more: the token, empty for nothing, and its node. */
  readonly token: string;
  readonly nodeId: string;
  readonly stamp: number;
}

function changeReply(reply: Parameters<typeof listOf>[0]): ChangeReply {
  const [changed, count, token, node, stamp] = listOf(reply);
  return {
    changed: numberOf(changed) === 1,
    count: numberOf(count),
    token: textOf(token),
    nodeId: textOf(node),
    stamp: numberOf(stamp),
  };
}

/** What the index of a node says of a member. Each join that changes something has a token of its own. */
function indexEntry({ appId, channel }: ChannelKey, userId: string, token: string): string {
  return JSON.stringify([token, appId, channel, userId]);
}
