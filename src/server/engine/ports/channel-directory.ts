import type { ChannelNews } from "./channel-topic.js";
import type { ChannelKey } from "./keys.js";

/** A user in a channel, by the session with which it joined. */
export interface Member {
  readonly userId: string;
  readonly nodeId: string;
  /** The fencing epoch of the session. */
  readonly epoch: number;
}

/** What the members are told of a change. */
export interface MemberNotice {
  /** Of the one who comes or goes: told where at most `most` users are members, this one among them. */
  readonly single: ChannelNews;
  readonly most: number;
  /** Told in a larger channel. */
  readonly many: ChannelNews;
}

/**
 * Who is in which channel. Every change is atomic for one channel, so of all callers exactly one is told that it made the
 * change. In the same step the notice of that one is published on `channelTopic(channel)`: members hear of changes in the order
 * in which they were made, whichever nodes made them. Without a notice nothing is published. Joins and counts cost the same for every size.
 */
export interface ChannelDirectory {
  /**
   * Puts a user into a channel. `joined` is false if the user was a member: then the newer of the two epochs stays, and nobody
   * is told.
   */
  join(channel: ChannelKey, member: Member, notice?: MemberNotice): Promise<{ joined: boolean; count: number }>;
  /** Takes a user out. `left` is false, and nothing changes, if it is no member or is one by a newer session. */
  leave(channel: ChannelKey, userId: string, epoch: number, notice?: MemberNotice): Promise<{ left: boolean; count: number }>;
  /**
   * Members, each once: those who joined last, the newest first; those who joined first, the oldest first, behind some to skip;
   * or a random choice in any order.
   */
  members(
    channel: ChannelKey,
    choice: { order: "latest" | "random"; limit: number } | { order: "earliest"; skip: number; limit: number },
  ): Promise<{ users: string[]; count: number }>;
  /** The number of members of each channel, in the order asked; 0 for one that nobody is in. */
  counts(channels: readonly ChannelKey[]): Promise<number[]>;
  /** The channels of an app that have members, ordered by id, behind an id ("" for the first), and how many there are in all. */
  list(appId: string, after: string, limit: number): Promise<{ channels: string[]; count: number }>;
  /** The number of all channels that have members. */
  count(): Promise<number>;
  isMember(channel: ChannelKey, userId: string): Promise<boolean>;
  /** Some of the members who joined on a node, at most `limit`; none if there is none. To clear what a fallen node has left. */
  ofNode(nodeId: string, limit: number): Promise<{ channel: ChannelKey; userId: string; epoch: number }[]>;
}
