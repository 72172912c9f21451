import type { UserKey } from "./keys.js";

export interface StoredBan {
  readonly user: UserKey;
  /** The channel. Empty for everywhere. */
  readonly channel: string;
  /** When it ends, in milliseconds since 1970. 0 for never. */
  readonly untilMs: number;
  readonly note: string;
  readonly setAtMs: number;
}

/** Bans of users, everywhere or from a channel. Durable where the engine is. */
export interface BanList {
  /** Sets a ban; one of the same user and channel is replaced. */
  set(ban: StoredBan): Promise<void>;
  /** Ends a ban. False if there was none in force. */
  remove(user: UserKey, channel: string): Promise<boolean>;
  /**
   * The ban that keeps a user out of a channel (or out of everything, for an empty channel) at a time: one from everywhere
   * before one from the channel. A ban is over at `untilMs`.
   */
  find(user: UserKey, channel: string, nowMs: number): Promise<StoredBan | undefined>;
  /** Bans of an app that are in force, ordered by user, then channel, after a mark or from the first. */
  list(
    appId: string,
    nowMs: number,
    after: { userId: string; channel: string } | undefined,
    limit: number,
  ): Promise<StoredBan[]>;
}
