import type { UserKey } from "./keys.js";

export interface InboxMessage {
  /** Rises within one inbox, also over times in which it was empty. */
  readonly sequence: number;
  /** The encoded aldis.v1.PeerMessage. */
  readonly message: Uint8Array;
  readonly sender: string;
  readonly messageId: string;
  /** When it expires, in milliseconds since 1970: from that moment on it is not read any more. */
  readonly expiresAtMs: number;
}

/** A message that will not be delivered any more. */
export type Dropped = Pick<InboxMessage, "messageId" | "sender">;

/** Messages for users who are away. What `append` has confirmed outlives a crash where the engine is durable. */
export interface Inbox {
  /**
   * Stores a message behind all others, unless one with its id is there. Gives those that had to go for it, the oldest first:
   * with a limit of 0 it is the message itself.
   */
  append(user: UserKey, message: Omit<InboxMessage, "sequence">): Promise<{ dropped: Dropped[] }>;
  /** Messages after a sequence, the oldest first, without expired ones. */
  read(user: UserKey, afterSequence: number, limit: number): Promise<InboxMessage[]>;
  /** Removes all messages up to and with a sequence: their receiver has acknowledged them. */
  acknowledge(user: UserKey, sequence: number): Promise<void>;
  /** Removes messages that have expired, the earliest first, at most `limit` of them, and gives them with their receiver. */
  expire(nowMs: number, limit: number): Promise<(Dropped & { receiver: UserKey })[]>;
}
