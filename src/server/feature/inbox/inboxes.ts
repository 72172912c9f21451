import { NodeMessage } from "../../../../gen/aldis/node/v1/node.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../../gen/aldis/v1/message.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { encode } from "../../encode.js";
import type { Engine } from "../../engine/engine.js";
import type { InboxMessage, Removed } from "../../engine/ports/inbox.js";
import type { UserKey } from "../../engine/ports/keys.js";
import type { Clock, Timer } from "../../runtime.js";
import type { LiveSession } from "../live-session.js";
import type { TraceRecorder } from "../trace.js";
import type { Unfinished } from "../unfinished.js";
import type { UserEvents } from "../user-events.js";
import { PeerFeed } from "./peer-feed.js";

/** How often messages are expired, in milliseconds, and how many at a time. */
const tickMs = 1000;
const expiredPerTick = 500;

/** Why a stored message was lost. */
export type InboxLoss = "full" | "expired";

/** Who hears what becomes of stored messages. */
export interface InboxObserver extends Pick<TraceRecorder, "note"> {
  onInboxLoss(loss: InboxLoss, messages: number): void;
}

/** Messages for users who are away: into the store, out of it to the next session, and the receipts of what became of them. */
export class Inboxes {
  private readonly feeds = new WeakMap<LiveSession, PeerFeed>();
  private timer: Timer | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly events: UserEvents,
    private readonly findSession: (user: UserKey) => LiveSession | undefined,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly observer: InboxObserver,
    private readonly unfinished: Pick<Unfinished, "run">,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(tickMs, () => this.expire().catch(this.report));
  }

  stop(): void {
    this.timer?.cancel();
  }

  /**
   * Stores a message, unless it is there, and tells the receiver's session of it, if there is one. False if the inbox takes
   * nothing. Resolves when a later message may follow: it cannot overtake any more.
   */
  async store(receiver: UserKey, message: Omit<InboxMessage, "sequence">): Promise<boolean> {
    const { dropped } = await this.engine.inbox.append(receiver, message);
    const pushedOut = dropped.filter(({ messageId }) => messageId !== message.messageId);
    this.lose(
      "full",
      pushedOut.map((removed) => ({ ...removed, receiver })),
    );
    if (pushedOut.length < dropped.length) {
      this.note(receiver, message.messageId, "the receiver's inbox is full of messages of others, and does not take it");
      return false;
    }
    this.note(receiver, message.messageId, "it is stored in the receiver's inbox");
    // The receiver may have logged in meanwhile, and looked before the message was there.
    await this.tellNews(receiver);
    return true;
  }

  /** A session is new. */
  onLogin(session: LiveSession): void {
    this.feedOf(session);
  }

  /** What a session hears of peers. A new session begins with what is stored. */
  feedOf(session: LiveSession): PeerFeed {
    const known = this.feeds.get(session);
    if (known !== undefined) return known;
    const { engine, clock, limits, unfinished, report } = this;
    const acknowledged = (sequences: readonly number[]) => this.acknowledge(session.user, sequences);
    const feed = new PeerFeed(session, { inbox: engine.inbox, clock, limits, acknowledged, unfinished, report });
    this.feeds.set(session, feed);
    feed.onNews();
    return feed;
  }

  /** Another node, or this one, has put something into the inbox of a user. */
  onNews({ appId, userId }: UserKey): void {
    const session = this.findSession({ appId, userId });
    if (session !== undefined) this.feedOf(session).onNews();
  }

  private async tellNews({ appId, userId }: UserKey): Promise<void> {
    const entry = await this.engine.sessions.find({ appId, userId });
    if (entry === undefined) return;
    const message = encode(NodeMessage, { action: { $case: "inboxNews", value: { appId, userId } } });
    await this.engine.nodes.send(entry.nodeId, message);
  }

  private async acknowledge(receiver: UserKey, sequences: readonly number[]): Promise<void> {
    const removed = await this.engine.inbox.acknowledge(receiver, sequences);
    for (const message of removed) {
      this.note(receiver, message.messageId, "the receiver's client has acknowledged it, and it leaves the inbox");
      this.tellSender(receiver, message, DeliveryOutcome.DELIVERED, ErrorCode.UNSPECIFIED);
    }
  }

  private async expire(): Promise<void> {
    this.lose("expired", await this.engine.inbox.expire(this.clock.now(), expiredPerTick));
  }

  private lose(loss: InboxLoss, messages: readonly (Removed & { receiver: UserKey })[]): void {
    const reason = loss === "full" ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.TIMEOUT;
    if (messages.length > 0) this.observer.onInboxLoss(loss, messages.length);
    const why = loss === "full" ? "newer ones push it out of the receiver's inbox" : "its time in the receiver's inbox is over";
    for (const message of messages) {
      this.note(message.receiver, message.messageId, why);
      this.tellSender(message.receiver, message, DeliveryOutcome.EXPIRED, reason);
    }
  }

  private note({ appId }: UserKey, messageId: string, text: string): void {
    this.observer.note({ kind: "message", appId, id: messageId }, text);
  }

  private tellSender(receiver: UserKey, message: Removed, outcome: DeliveryOutcome, reason: ErrorCode): void {
    const { sender, messageId, clientMessageId, receiptLater } = message;
    if (!receiptLater) return;
    const value = { messageId, clientMessageId, outcome, receiver: receiver.userId, reason };
    this.events.tell({ appId: receiver.appId, userId: sender }, { $case: "receipt", value }).catch(this.report);
  }
}
