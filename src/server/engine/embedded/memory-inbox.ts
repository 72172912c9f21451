import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../../runtime.js";
import type { Inbox, InboxMessage, Removed } from "../ports/inbox.js";
import { keyText, type UserKey } from "../ports/keys.js";
import { type DueEntry, DueQueue } from "./due-queue.js";

interface Stored {
  readonly receiver: UserKey;
  readonly message: InboxMessage;
}

/** The messages of one user by message id, the oldest first. */
type UserInbox = Map<string, DueEntry<Stored>>;

/** An inbox in memory: it loses everything with the process. It knows only users with messages. */
export class MemoryInbox implements Inbox {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #inboxes = new Map<string, UserInbox>();
  readonly #expiries = new DueQueue<Stored>();
  /** The last sequence given. One for all inboxes, so an inbox that was empty and forgotten never begins lower. */
  #sequence = 0;

  constructor({ clock, limits }: { clock: Clock; limits: Limits }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  async append(user: UserKey, message: Omit<InboxMessage, "sequence">): Promise<{ dropped: Removed[] }> {
    const inbox: UserInbox = this.#inboxes.get(userText(user)) ?? new Map();
    if (inbox.has(message.messageId)) return { dropped: [] };
    this.#sequence += 1;
    const stored = { receiver: user, message: { ...message, sequence: this.#sequence } };
    this.#inboxes.set(userText(user), inbox);
    inbox.set(message.messageId, this.#expiries.add(message.expiresAtMs, stored));
    return { dropped: this.#dropAbove(inbox, this.#limits.inboxMessages) };
  }

  async read(user: UserKey, afterSequence: number, limit: number): Promise<InboxMessage[]> {
    const messages: InboxMessage[] = [];
    const nowMs = this.#clock.now();
    for (const { value } of this.#inboxes.get(userText(user))?.values() ?? []) {
      if (messages.length >= limit) break;
      const { message } = value;
      if (message.sequence > afterSequence && message.expiresAtMs > nowMs) messages.push(message);
    }
    return messages;
  }

  async acknowledge(user: UserKey, sequences: readonly number[]): Promise<Removed[]> {
    const acknowledged = new Set(sequences);
    const inbox = this.#inboxes.get(userText(user))?.values() ?? [];
    return this.#removeAll([...inbox].map(({ value }) => value).filter(({ message }) => acknowledged.has(message.sequence)));
  }

  async expire(nowMs: number, limit: number): Promise<(Removed & { receiver: UserKey })[]> {
    return this.#expiries.due(nowMs, limit).map((stored) => {
      this.#remove(stored);
      return { ...removedOf(stored), receiver: stored.receiver };
    });
  }

  #dropAbove(inbox: UserInbox, limit: number): Removed[] {
    if (inbox.size <= limit) return [];
    // One message has come, so one goes.
    const oldest = oldestOfMost([...inbox.values()].map(({ value }) => value));
    return this.#removeAll(oldest === undefined ? [] : [oldest]);
  }

  #removeAll(messages: readonly Stored[]): Removed[] {
    for (const message of messages) this.#remove(message);
    return messages.map(removedOf);
  }

  #remove({ receiver, message }: Stored): void {
    const key = userText(receiver);
    const inbox = this.#inboxes.get(key);
    const entry = inbox?.get(message.messageId);
    if (inbox === undefined || entry === undefined) return;
    this.#expiries.remove(entry);
    inbox.delete(message.messageId);
    if (inbox.size === 0) this.#inboxes.delete(key);
  }
}

/** The oldest message of the sender with the most messages; of several such senders, the one with the oldest. */
function oldestOfMost(messages: readonly Stored[]): Stored | undefined {
  const counts = new Map<string, number>();
  for (const { message } of messages) counts.set(message.sender, (counts.get(message.sender) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return messages.find(({ message }) => counts.get(message.sender) === most);
}

function removedOf({ message }: Stored): Removed {
  const { messageId, sender, clientMessageId, receiptLater } = message;
  return { messageId, sender, clientMessageId, receiptLater };
}

function userText({ appId, userId }: UserKey): string {
  return keyText(appId, userId);
}
