import type { UserKey } from "./keys.js";

export interface InboxMessage {
  /** Rises within one inbox, also over times in which it was empty. */
  readonly sequence: number;
  /** The encoded aldis.v1.PeerMessage. */
  readonly message: Uint8Array;
  readonly sender: string;
  readonly messageId: string;
  /** The id that the sender gave it. Empty if it gave none. */
  readonly clientMessageId: string;
  /** True if the sender wants to hear what becomes of it. */
  readonly receiptLater: boolean;
  /** When it expires, in milliseconds since 1970: from that moment on it is not read any more. */
  readonly expiresAtMs: number;
}

/** A message that has left an inbox: what its sender may have to be told. */
export type Removed = Pick<InboxMessage, "messageId" | "sender" | "clientMessageId" | "receiptLater">;

/**
 * Messages for users who are away. What `append` has confirmed outlives a crash where the engine is durable. A message leaves
 * its inbox once, so exactly one caller hears of it: whoever dropped, acknowledged or expired it.
 */
export interface Inbox {
  /**
   * Stores a message behind all others, unless one with its id is there. Above `inboxMessages` the sender with the most messages
   * in the inbox, the new one counted, loses its oldest; of several such senders it is the one whose oldest is the oldest of all.
   * So nobody pushes out those who sent less. Gives what had to go: with a limit of 0 it is the message itself.
   */
  append(user: UserKey, message: Omit<InboxMessage, "sequence">): Promise<{ dropped: Removed[] }>;
  /** Messages after a sequence, the oldest first, without expired ones. */
  read(user: UserKey, afterSequence: number, limit: number): Promise<InboxMessage[]>;
  /**
   * Removes messages by their sequences: their receiver has acknowledged them. Gives those that were still there, the oldest
   * first, also if they expired meanwhile.
   */
  acknowledge(user: UserKey, sequences: readonly number[]): Promise<Removed[]>;
  /** Removes messages that have expired, the earliest first, at most `limit` of them, and gives them with their receiver. */
  expire(nowMs: number, limit: number): Promise<(Removed & { receiver: UserKey })[]>;
}
