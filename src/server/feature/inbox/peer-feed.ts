import { PeerMessage } from "../../../../gen/aldis/v1/message.js";
import { Capability } from "../../../../gen/aldis/v1/session.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../../../gen/aldis/v1/tables/wire.js";
import type { Inbox, InboxMessage } from "../../engine/ports/inbox.js";
import { type EventEntry, eventEntry } from "../../event-entry.js";
import type { Clock } from "../../runtime.js";
import type { Fate, LiveSession } from "../live-session.js";
import type { Unfinished } from "../unfinished.js";

/** How many stored messages are read at a time. */
const pageMessages = 16;

export interface FeedServices {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly limits: Limits;
  /** The client has acknowledged stored messages. */
  readonly acknowledged: (sequences: readonly number[]) => Promise<void>;
  /** Tries again what the engine cannot do now. */
  readonly unfinished: Pick<Unfinished, "run">;
  readonly report: (failure: unknown) => void;
}

/** For how long live messages wait for an inbox that cannot be read, in milliseconds: one of its records may be damaged for good. */
const patienceMs = 30_000;

/** How many acknowledged messages are remembered: a retry over another node comes soon, or not at all. */
const rememberedMax = 128;

/** How many tries to send a message may wait for its fate. */
const waitersMax = 16;

interface Live {
  readonly message: PeerMessage;
  readonly entry: EventEntry;
}

/**
 * The peer messages of one session: what is stored goes first, and what is sent meanwhile is held back behind it, so no message
 * overtakes an earlier one of its sender. Stored messages fill at most half of the session's queue; they stay in the inbox
 * until the client has acknowledged them. A message that comes again, by a retry of its sender over another node, is not queued
 * again, and has the fate of the first: `no-duplicate`.
 */
export class PeerFeed {
  /** Up to here stored messages are in the session's queue, or are none for this client. */
  private cursor = 0;
  /** False while there may be stored messages behind the cursor. */
  private caughtUp = false;
  private reading = false;
  /** Since when no read has succeeded. */
  private failingSinceMs: number | undefined;
  private waiting = false;
  /** True if something was stored since the present read began. */
  private news = false;
  private storedBytes = 0;
  /** What is held back, by message id, in order. */
  private readonly held = new Map<string, Live>();
  private heldBytes = 0;
  /** The live messages in the session's queue by id, with the sequence of the copy in the inbox, if there is one. */
  private readonly queued = new Map<string, number | undefined>();
  private acknowledged: number[] = [];
  /** Who waits for the fate of each message that is in the session's queue or held back. */
  private readonly waiters = new Map<string, ((fate: Fate) => void)[]>();
  /** The ids of the messages that the client has acknowledged last. */
  private readonly remembered = new Set<string>();

  constructor(
    private readonly session: LiveSession,
    private readonly services: FeedServices,
  ) {}

  /** Something may be in the inbox. */
  onNews(): void {
    this.news = true;
    this.caughtUp = false;
    this.catchUp();
  }

  /** Takes a live message. `settled` is called once: during this call only if refused. */
  deliver(message: PeerMessage, settled: (fate: Fate) => void): void {
    const { messageId } = message;
    if (this.remembered.has(messageId)) return queueMicrotask(() => settled("acknowledged"));
    const waiters = this.waiters.get(messageId);
    if (waiters !== undefined && waiters.length >= waitersMax) return settled("refused");
    if (waiters !== undefined) return void waiters.push(settled);
    if (!this.take({ message, entry: eventEntry({ $case: "peerMessage", value: message }, "peer") })) return settled("refused");
    this.waiters.set(messageId, [settled]);
  }

  /** Queues a message that is new, or holds it back. False if there is no room. */
  private take(live: Live): boolean {
    const { messageId } = live.message;
    if (this.caughtUp) return this.queue(messageId, live);
    const { replayEvents, replayBytes } = this.services.limits;
    const bytes = this.heldBytes + live.entry.bytes.length;
    if (this.held.size >= replayEvents || bytes > replayBytes) return false;
    this.heldBytes = bytes;
    this.held.set(messageId, live);
    return true;
  }

  private finish(messageId: string, fate: Fate): void {
    if (fate === "acknowledged") this.remember(messageId);
    const waiters = this.waiters.get(messageId) ?? [];
    this.waiters.delete(messageId);
    for (const settled of waiters) settled(fate);
  }

  private remember(messageId: string): void {
    this.remembered.add(messageId);
    if (this.remembered.size <= rememberedMax) return;
    for (const oldest of this.remembered) {
      this.remembered.delete(oldest);
      return;
    }
  }

  private catchUp(): void {
    if (this.reading || this.caughtUp) return;
    this.services.unfinished.run(() => this.readPage()).catch(this.services.report);
  }

  private async readPage(): Promise<void> {
    // When it is tried again, another read may be under way.
    if (this.reading) return;
    if (this.session.ended) return this.release();
    this.caughtUp = false;
    this.news = false;
    const page = await this.read();
    if (this.session.ended) return this.release();
    // What does not fit now is read again when there is room.
    if (!page.every((stored) => this.offer(stored))) return;
    if (page.length > 0 || this.news) this.catchUp();
    else this.release();
  }

  private async read(): Promise<InboxMessage[]> {
    this.reading = true;
    try {
      const page = await this.services.inbox.read(this.session.user, this.cursor, pageMessages);
      this.failingSinceMs = undefined;
      return page;
    } catch (failure) {
      const nowMs = this.services.clock.monotonic();
      this.failingSinceMs ??= nowMs;
      // Then live messages go on without the store, and what is stored follows when it can be read.
      if (nowMs - this.failingSinceMs >= patienceMs) this.release();
      throw failure;
    } finally {
      this.reading = false;
    }
  }

  /** Queues a stored message. False if there is no room: then `catchUp` is called when there is. */
  private offer({ sequence, messageId, message: encoded }: InboxMessage): boolean {
    if (this.queued.has(messageId)) this.queued.set(messageId, sequence);
    else if (this.remembered.has(messageId)) this.remove(sequence);
    else {
      const message = this.readable(encoded);
      if (message !== undefined && !this.queueStored(message, sequence)) return false;
    }
    this.cursor = sequence;
    return true;
  }

  /** The message, unless this client cannot take it: then it waits in the inbox for another one. */
  private readable(encoded: Uint8Array): PeerMessage | undefined {
    const decoded = decodeStrict(PeerMessage, encoded);
    if (decoded.ok) return isTakenBy(this.session, decoded.value) ? decoded.value : undefined;
    this.services.report(new Error(`a stored message cannot be read: ${decoded.problem}`));
    return undefined;
  }

  private queueStored(message: PeerMessage, sequence: number): boolean {
    const entry = eventEntry({ $case: "peerMessage", value: message }, "peer");
    const { length } = entry.bytes;
    if (this.storedBytes > 0 && this.storedBytes + length > this.services.limits.replayBytes / 2) return false;
    if (!this.releaseBefore(message)) return false;
    const { messageId } = message;
    const queued = this.push(entry, (fate) => {
      this.storedBytes -= length;
      if (fate === "acknowledged") this.remove(sequence);
      this.finish(messageId, fate);
      this.catchUp();
    });
    if (!queued) return false;
    this.storedBytes += length;
    this.unhold(messageId, this.held.get(messageId));
    if (!this.waiters.has(messageId)) this.waiters.set(messageId, []);
    return true;
  }

  /** Nothing stored is left: what was held back follows, as far as there is room. */
  private release(): void {
    for (const [messageId, live] of this.held) {
      if (this.session.ended) this.finish(messageId, "ended");
      else if (!this.queue(messageId, live)) return;
      this.unhold(messageId, live);
    }
    this.caughtUp = true;
  }

  /** A message may have been held back when its sender's next one was stored. False if there is no room. */
  private releaseBefore({ sender, serverTimeMs }: PeerMessage): boolean {
    for (const [messageId, live] of this.held) {
      if (live.message.sender !== sender || live.message.serverTimeMs >= serverTimeMs) continue;
      if (!this.queue(messageId, live)) return false;
      this.unhold(messageId, live);
    }
    return true;
  }

  private queue(messageId: string, { entry }: Live): boolean {
    this.queued.set(messageId, undefined);
    const queued = this.push(entry, (fate) => {
      const copy = this.queued.get(messageId);
      this.queued.delete(messageId);
      if (fate === "acknowledged" && copy !== undefined) this.remove(copy);
      this.finish(messageId, fate);
    });
    if (!queued) this.queued.delete(messageId);
    return queued;
  }

  private push(entry: EventEntry, settled: (fate: Fate) => void): boolean {
    let refused = false;
    this.session.push(entry, (fate) => {
      if (fate === "refused") refused = true;
      else settled(fate);
    });
    if (refused) this.waitForRoom();
    return !refused;
  }

  private waitForRoom(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.session.whenRoom(() => {
      this.waiting = false;
      this.catchUp();
    });
  }

  private unhold(messageId: string, live: Live | undefined): void {
    if (this.held.delete(messageId)) this.heldBytes -= live?.entry.bytes.length ?? 0;
  }

  /** Removes a message from the inbox, together with others that are acknowledged in the same step. */
  private remove(sequence: number): void {
    this.acknowledged.push(sequence);
    if (this.acknowledged.length > 1) return;
    queueMicrotask(() => {
      const sequences = this.acknowledged;
      this.acknowledged = [];
      this.services.acknowledged(sequences).catch(this.services.report);
    });
  }
}

/** True if a client takes such a message. */
export function isTakenBy({ capabilities }: LiveSession, { payload }: PeerMessage): boolean {
  return payload?.content?.$case !== "binary" || capabilities.has(Capability.BINARY_MESSAGES);
}
