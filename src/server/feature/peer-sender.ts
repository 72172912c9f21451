import { createHash } from "node:crypto";
import { DeliveryStatus } from "../../../gen/aldis/node/v1/node.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import {
  DeliveryOutcome,
  Payload,
  PeerMessage,
  SendConfirmation,
  type SendPeerMessageRequest,
} from "../../../gen/aldis/v1/message.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { encode } from "../encode.js";
import type { Engine } from "../engine/engine.js";
import type { InboxMessage } from "../engine/ports/inbox.js";
import { keyText, type UserKey } from "../engine/ports/keys.js";
import { isPassing } from "../engine/ports/unavailable.js";
import { type Runtime, randomId } from "../runtime.js";
import type { Deliveries, Delivery } from "./deliveries.js";
import type { StorableSend, StorableSends } from "./inbox/storable-sends.js";
import { type Refusal, refuse } from "./refusal.js";
import type { TraceRecorder } from "./trace.js";
import type { Unfinished } from "./unfinished.js";

/** What became of a message in a session, for people. */
const statusNames: Readonly<Record<DeliveryStatus, string>> = {
  [DeliveryStatus.UNSPECIFIED]: "nothing",
  [DeliveryStatus.QUEUED]: "that it waits in the queue for the client",
  [DeliveryStatus.ACKNOWLEDGED]: "that the client has acknowledged it",
  [DeliveryStatus.GONE]: "that the session is over, or ended without an acknowledgement",
  [DeliveryStatus.INCOMPATIBLE]: "that the client takes no bytes",
  [DeliveryStatus.FULL]: "that the queue is full: the client does not keep up",
};

/** What is remembered of a send for its retries: plain data, since the memory may be remote. */
export interface Sent {
  /** Unspecified if the receiver's session ended with the message in its queue: its client may have had it, so nobody can say. */
  readonly outcome: DeliveryOutcome;
  readonly messageId: string;
  readonly serverTimeMs: number;
}

export interface PeerSenderServices {
  readonly engine: Engine;
  readonly deliveries: Deliveries;
  readonly storable: StorableSends;
  readonly unfinished: Pick<Unfinished, "run">;
  readonly trace: TraceRecorder;
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** Whether to store a message for a user who is away where its sender does not say. */
  readonly storeForAway: boolean;
  /** Hears of a failure that no call can be told of. */
  readonly report: (failure: unknown) => void;
}

/** Takes a message to the receiver's session, or to the inbox of a receiver who is away. */
export class PeerSender {
  constructor(private readonly services: PeerSenderServices) {}

  /** Sends, and waits for as long as the confirmation takes. `routed` is called when later messages may follow. */
  async send(sender: UserKey, request: SendPeerMessageRequest, routed: () => void): Promise<Sent | Refusal> {
    const { engine, deliveries, storable, runtime, trace } = this.services;
    const receiver = { appId: sender.appId, userId: request.receiver };
    const [serverTimeMs, messageId] = [runtime.clock.now(), messageIdOf(runtime, sender, request)];
    const message = { sender: sender.userId, payload: request.payload, serverTimeMs, messageId, stored: false };
    const begin = (epoch: number) => storable.begin(receiver, epoch, sender.userId, () => this.storedForm(message, request));
    const sent = (outcome: DeliveryOutcome): Sent => ({ outcome, messageId, serverTimeMs });

    const mayStore = request.storeIfAway ?? this.services.storeForAway;
    const note = trace.about({ kind: "message", appId: sender.appId, id: messageId });
    note(`user "${sender.userId}" sends it to user "${request.receiver}"`);
    const entry = await engine.sessions.find(receiver);
    // A session that others see as offline gets nothing new: its sender would wait in vain.
    if (entry === undefined || (await this.isOffline(receiver))) {
      note(
        `the receiver ${entry === undefined ? "has no session" : "is offline for others"}, and it ${mayStore ? "may" : "may not"} be stored`,
      );
      if (!mayStore) return refuseUnreachable(request.receiver);
      return (await this.store(begin(0))) ? sent(DeliveryOutcome.STORED) : refuseUnreachable(request.receiver);
    }

    await storable.makeWay(receiver, sender.userId, entry.epoch);
    const delivery = await deliveries.deliver(receiver, entry, message);
    if (!mayStore) routed();
    const fallback = mayStore ? begin(entry.epoch) : undefined;
    const first = await delivery.queued;
    note(`the node "${entry.nodeId}", which has the receiver's session, says ${statusNames[first]}`);
    if (first === DeliveryStatus.GONE && fallback && (await this.store(fallback))) return sent(DeliveryOutcome.STORED);
    const refusal = refusalOf(first, request.receiver);
    if (refusal !== undefined) {
      // The end of the sender's session stores what is open, whatever is known of it then.
      const isStored = fallback?.forget() === false && (await this.store(fallback));
      return isStored ? sent(DeliveryOutcome.STORED) : refusal;
    }
    // What may have to be stored is in its place only now: before, a later message could have overtaken it.
    routed();
    const outcome = this.settle(delivery, fallback, note);
    return sent(request.confirmation === SendConfirmation.ACCEPTED ? DeliveryOutcome.ACCEPTED : await outcome);
  }

  /** What becomes of a message that a session has in its queue. Never rejects. */
  private async settle(
    { settled }: Delivery,
    fallback: StorableSend | undefined,
    note: (text: string) => void,
  ): Promise<DeliveryOutcome> {
    const status = await settled;
    note(`the receiver's session says ${statusNames[status]}`);
    if (status === DeliveryStatus.ACKNOWLEDGED) {
      fallback?.forget();
      return DeliveryOutcome.DELIVERED;
    }
    try {
      return fallback && (await this.store(fallback)) ? DeliveryOutcome.STORED : DeliveryOutcome.UNSPECIFIED;
    } catch (failure) {
      this.services.report(failure);
      return DeliveryOutcome.UNSPECIFIED;
    }
  }

  /** Stores a message, later if the engine is away: nobody knows whether it is stored, and what is sent next must not overtake it. */
  private async store(send: StorableSend): Promise<boolean> {
    let stored = Promise.resolve(false);
    await this.services.unfinished.run(() => {
      stored = send.store();
      return stored.catch((failure) => {
        if (isPassing(failure)) throw failure;
      });
    });
    return stored;
  }

  private storedForm(
    message: PeerMessage,
    { clientMessageId, receiptLater, storeForMs }: SendPeerMessageRequest,
  ): Omit<InboxMessage, "sequence"> {
    const { sender, messageId, serverTimeMs } = message;
    const expiresAtMs = serverTimeMs + (storeForMs || this.services.limits.inboxAgeMs);
    const bytes = encode(PeerMessage, { ...message, stored: true });
    return { message: bytes, sender, messageId, clientMessageId, receiptLater, expiresAtMs };
  }

  private async isOffline(user: UserKey): Promise<boolean> {
    const [presence] = await this.services.engine.sessions.presence([user]);
    return presence?.state === PresenceState.OFFLINE;
  }
}

/**
 * The id of a message: the same for each try to send it, over whatever node, so that the inbox, the receiver's node and its client
 * know it again. The payload is part of it, as a sender may use its own ids again after a while.
 */
function messageIdOf(runtime: Runtime, { appId, userId }: UserKey, request: SendPeerMessageRequest): string {
  const { receiver, clientMessageId, payload } = request;
  if (clientMessageId === "") return randomId(runtime, 96);
  const names = keyText(keyText(appId, userId), keyText(receiver, clientMessageId));
  const content = encode(Payload, Payload.create(payload));
  return createHash("sha256").update(names).update(content).digest("base64url").slice(0, 16);
}

/** Why a message did not get into the queue of a session. */
function refusalOf(status: DeliveryStatus, receiver: string): Refusal | undefined {
  switch (status) {
    case DeliveryStatus.GONE:
      return refuseUnreachable(receiver);
    case DeliveryStatus.FULL:
      return refuse(ErrorCode.PEER_UNREACHABLE, `the client of user "${receiver}" does not keep up; try again later`, {
        field: "receiver",
      });
    case DeliveryStatus.INCOMPATIBLE:
      return refuse(ErrorCode.INCOMPATIBLE_MESSAGE, "the receiver's client takes no messages with bytes", {
        field: "payload.binary",
      });
    default:
      return undefined;
  }
}

function refuseUnreachable(receiver: string): Refusal {
  return refuse(ErrorCode.PEER_UNREACHABLE, `user "${receiver}" is offline, and the message was not to be stored`, {
    field: "receiver",
  });
}
