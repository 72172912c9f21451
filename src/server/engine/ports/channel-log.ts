import type { ChannelKey } from "./keys.js";

/**
 * A place in a channel's log. Offsets of one epoch count from 1 without a hole. Offset 0 is the beginning; with an empty epoch
 * it is the beginning of any log.
 */
export interface LogPosition {
  /** A random text. A new one says that the log was lost and all earlier positions mean nothing. */
  readonly epoch: string;
  readonly offset: number;
}

export interface NewRecord {
  readonly sender: string;
  /** The encoded aldis.v1.ChannelMessage, without its offset. A log copies it: its memory may be shared with others. */
  readonly message: Uint8Array;
  /** A name that the tries to append this record have in common, also on several nodes. Undefined for none. */
  readonly once?: string | undefined;
}

/** How many records all senders of a channel together may append within a time. It is counted over all nodes. */
export interface AppendRate {
  /** Below 1 none, Infinity any number. */
  readonly limit: number;
  readonly windowMs: number;
}

/** A record was not appended: the senders of its channel have used up their rate. */
export class RateExceeded extends Error {
  constructor(readonly retryAfterMs: number) {
    super("the senders of the channel have used up their rate");
  }
}

export interface LogRecord {
  readonly offset: number;
  readonly sender: string;
  /** The encoded aldis.v1.ChannelMessage, without its offset. */
  readonly message: Uint8Array;
}

export interface LogRange {
  /** In the direction asked for, without a hole among each other. */
  readonly records: LogRecord[];
  readonly head: LogPosition;
  /** True if more records follow in the same direction. */
  readonly more: boolean;
  /**
   * True if records between the start and the first of `records` are forgotten, or if the start is of another epoch or beyond
   * the head; then reading begins at the end from which it goes. Never true without a start.
   */
  readonly gap: boolean;
}

/**
 * The latest messages of each channel, bounded by `channelHistoryMessages` and `channelHistoryAgeMs`. Positions outlive the
 * records: a channel keeps its epoch and head for `emptyChannelAgeMs`, and at least a minute, after it was last written to or
 * read; so does one that was never written to. What `append` is given must not be changed afterwards.
 */
export interface ChannelLog {
  /**
   * Gives a message the next offset, stores it, and publishes it on `channelTopic(channel)`, maybe together with those stored
   * with it: all three in one atomic step, so the order of publication is that of the offsets on every node. Offsets follow
   * the order of the calls, also of those that did not wait for the one before. A record whose `once` was appended to the channel
   * within `retryMemoryMs` gets the place of that one, and nothing else is done; an engine that serves one node alone may leave that to
   * the node's `RetryMemory`. Rejects with `RateExceeded` if there is no room in the rate; without one there always is. Until it
   * resolves, `head` and `read` may not have the message.
   */
  append(channel: ChannelKey, record: NewRecord, rate?: AppendRate): Promise<LogPosition>;
  /** The newest place. A channel that was never written to has an epoch too, and its first message has the same. */
  head(channel: ChannelKey): Promise<LogPosition>;
  /** Records after a place (forward), or before it (backward). Without a place: from the old end, or from the new end. */
  read(channel: ChannelKey, from: LogPosition | undefined, options: { backward?: boolean; limit: number }): Promise<LogRange>;
  /** Forgets the channel; its next epoch is a new one. */
  forget(channel: ChannelKey): Promise<void>;
}
