import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Inbox, InboxMessage, Removed } from "../ports/inbox.js";
import type { UserKey } from "../ports/keys.js";
import { fromUserTag, userTag } from "./keys.js";
import { type IndexEntry, Partitions } from "./partitions.js";
import { bytesOf, listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import type { Reply } from "./script.js";
import { appendMessage, readMessages, takeMessages } from "./scripts/inbox.js";

interface Taken extends Removed {
  readonly sequence: number;
}

/** Inboxes in Redis. One round trip for each call; `expire` asks each part what is due, then each user who has something due. */
export class RedisInbox implements Inbox {
  readonly #runner: Runner;
  readonly #limits: Limits;
  readonly #partitions = new Partitions("inbox");

  constructor({ runner, limits }: { runner: Runner; limits: Limits }) {
    this.#runner = runner;
    this.#limits = limits;
  }

  async append(user: UserKey, message: Omit<InboxMessage, "sequence">): Promise<{ dropped: Removed[] }> {
    const receiver = userTag(user);
    const { messageId, sender, clientMessageId, receiptLater, expiresAtMs, message: bytes } = message;
    const args = {
      receiver,
      maxMessages: this.#limits.inboxMessages,
      messageId,
      sender,
      clientMessageId,
      receiptLater: receiptLater ? 1 : 0,
      expiresAt: expiresAtMs,
      message: bytes,
    };
    const reply = await this.#runner.run(appendMessage, this.#partitions.tagOf(receiver), args, { suffix: receiver });
    return { dropped: listOf(reply).map(takenOf).map(removedOf) };
  }

  async read(user: UserKey, afterSequence: number, limit: number): Promise<InboxMessage[]> {
    const receiver = userTag(user);
    const args = { after: sequenceText(afterSequence), limit };
    const reply = await this.#runner.run(readMessages, this.#partitions.tagOf(receiver), args, { suffix: receiver });
    return listOf(reply).map(messageOf);
  }

  async acknowledge(user: UserKey, sequences: readonly number[]): Promise<Removed[]> {
    if (sequences.length === 0) return [];
    const sorted = [...sequences].sort((one, other) => one - other);
    return (await this.#take(userTag(user), sorted)).map(removedOf);
  }

  async expire(nowMs: number, limit: number): Promise<(Removed & { receiver: UserKey })[]> {
    const due = (await this.#partitions.first(this.#runner, "expiries", nowMs, limit)).map(expiryOf);
    const sequencesOf = new Map<string, number[]>();
    for (const { receiver, sequence } of due) {
      sequencesOf.set(receiver, [...(sequencesOf.get(receiver) ?? []), sequence]);
    }
    const taken = new Map<string, Removed & { receiver: UserKey }>();
    const takeAll = async ([receiver, sequences]: [string, number[]]) => {
      for (const one of await this.#take(receiver, sequences)) {
        taken.set(placeOf(receiver, one.sequence), { ...removedOf(one), receiver: fromUserTag(receiver) });
      }
    };
    await Promise.all([...sequencesOf].map(takeAll));
    return due.map(({ receiver, sequence }) => taken.get(placeOf(receiver, sequence))).filter((one) => one !== undefined);
  }

  async #take(receiver: string, sequences: readonly number[]): Promise<Taken[]> {
    const more = { suffix: receiver, rest: sequences.map(sequenceText) };
    const reply = await this.#runner.run(takeMessages, this.#partitions.tagOf(receiver), { receiver }, more);
    return listOf(reply).map(takenOf);
  }
}

function expiryOf({ member }: IndexEntry): { sequence: number; receiver: string } {
  const end = member.indexOf(" ");
  return { sequence: Number(member.slice(0, end)), receiver: member.slice(end + 1) };
}

/** A sequence as a key of Redis. */
function sequenceText(sequence: number): string {
  return String(sequence).padStart(16, "0");
}

function placeOf(receiver: string, sequence: number): string {
  return `${sequence} ${receiver}`;
}

function messageOf(reply: Reply): InboxMessage {
  const [, , , , , expiresAt, message] = listOf(reply);
  return { ...takenOf(reply), expiresAtMs: numberOf(expiresAt), message: bytesOf(message) };
}

function takenOf(reply: Reply): Taken {
  const [sequence, messageId, sender, clientMessageId, receiptLater] = listOf(reply);
  return {
    sequence: numberOf(sequence),
    messageId: textOf(messageId),
    sender: textOf(sender),
    clientMessageId: textOf(clientMessageId),
    receiptLater: textOf(receiptLater) === "1",
  };
}

function removedOf({ messageId, sender, clientMessageId, receiptLater }: Taken): Removed {
  return { messageId, sender, clientMessageId, receiptLater };
}
