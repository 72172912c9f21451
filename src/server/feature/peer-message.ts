import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome, type SendPeerMessageRequest, type SendPeerMessageResponse } from "../../../gen/aldis/v1/message.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { CallContext } from "./call-context.js";
import { PeerSender, type PeerSenderServices, type Sent } from "./peer-sender.js";
import { Refusal, refuse } from "./refusal.js";
import { countOnce } from "./retry.js";
import { refuseToWrite } from "./rights.js";
import { within } from "./within.js";

/** The handlers of messages to users: they need no session. */
export interface PeerMessageHandlers {
  sendPeerMessage(context: CallContext, request: SendPeerMessageRequest): Promise<SendPeerMessageResponse | Refusal>;
}

/**
 * Messages to users. A message is DELIVERED only when the receiver's client has acknowledged it, and STORED only when the store
 * has it; a retry with the same client message id waits for the same delivery instead of making a second one.
 */
export function peerMessageHandlers(services: PeerSenderServices): PeerMessageHandlers {
  const { engine, runtime, limits } = services;
  const sender = new PeerSender(services);

  /** Sends behind the session's earlier messages to the same receiver, as soon as these are routed. */
  async function sendInOrder(context: CallContext, request: SendPeerMessageRequest, lane: string): Promise<Sent | Refusal> {
    let sending: Promise<Sent | Refusal> | undefined;
    const route = () =>
      new Promise<void>((routed) => {
        // Whoever waited so long that its session is over sends again in its next one: this try would overtake what it sends there.
        sending = context.session?.ended ? Promise.resolve(refuseEnded()) : sender.send(context.user, request, routed);
        sending.then(
          () => routed(),
          () => routed(),
        );
      });
    await (context.session === undefined ? route() : context.session.inOrder(lane, route));
    return sending ?? refuseUnconfirmed();
  }

  return {
    async sendPeerMessage(context, request) {
      const refusal = refuseToWrite(context.rights) ?? refuseAge(request, limits);
      if (refusal !== undefined) return refusal;
      const target = `peer/${request.receiver}`;
      // A retry waits for the first attempt outside of the order: later messages do not wait with it.
      const attempt = countOnce(engine.retries, context.user, target, request.clientMessageId, () =>
        sendInOrder(context, request, target),
      );
      const sent = await within(runtime.clock, limits.receiptTimeoutMs, attempt);
      return sent === undefined ? refuseUnconfirmed() : answerOf(sent);
    },
  };
}

function answerOf(sent: Sent | Refusal): SendPeerMessageResponse | Refusal {
  if (sent instanceof Refusal) return sent;
  return sent.outcome === DeliveryOutcome.UNSPECIFIED ? refuseUnconfirmed() : sent;
}

function refuseAge({ storeForMs }: SendPeerMessageRequest, { inboxAgeMs }: Limits): Refusal | undefined {
  if (storeForMs >= 0 && storeForMs <= inboxAgeMs) return undefined;
  return refuse(ErrorCode.INVALID_ARGUMENT, `store_for_ms must be from 0 to ${inboxAgeMs}`, { field: "store_for_ms" });
}

function refuseEnded(): Refusal {
  return refuse(ErrorCode.NOT_LOGGED_IN, "the session ended before the message was sent");
}

function refuseUnconfirmed(): Refusal {
  return refuse(
    ErrorCode.TIMEOUT,
    "the receiver's client has not acknowledged the message; it may have got it, or still get it",
  );
}
