import type { UserKey } from "./keys.js";

export interface InboxMessage {
  /** Rises within one inbox. */
  readonly sequence: number;
  /** The encoded aldis.v1.PeerMessage. */
  readonly message: Uint8Array;
  readonly sender: string;
  readonly messageId: string;
  /** When it expires, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** A message that will not be delivered any more. */
export type Dropped = Pick<InboxMessage, "messageId" | "sender">;

/** Messages for users who are away. What `append` has confirmed outlives a crash where the engine is durable. */
export interface Inbox {
  /** Stores a message behind all others, once per message id. Gives those that had to go for it, the oldest first. */
  append(user: UserKey, message: Omit<InboxMessage, "sequence">): Promise<{ dropped: Dropped[] }>;
  /** Messages after a sequence, the oldest first, without expired ones. */
  read(user: UserKey, afterSequence: number, limit: number): Promise<InboxMessage[]>;
  /** Removes all messages up to and with a sequence: their receiver has acknowledged them. */
  acknowledge(user: UserKey, sequence: number): Promise<void>;
  /** Removes messages that have expired, at most `limit` of them, and gives them with their receiver. */
  expire(nowMs: number, limit: number): Promise<(Dropped & { receiver: UserKey })[]>;
}
