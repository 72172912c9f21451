import { DeliveryStatus } from "../../../gen/aldis/node/v1/node.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import {
  DeliveryOutcome,
  SendConfirmation,
  type SendPeerMessageRequest,
  type SendPeerMessageResponse,
} from "../../../gen/aldis/v1/message.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../engine/engine.js";
import { type Runtime, randomId } from "../runtime.js";
import type { CallContext, Handlers } from "./call-context.js";
import type { Deliveries } from "./deliveries.js";
import { Refusal, refuse } from "./refusal.js";
import { countOnce } from "./retry.js";
import { refuseToWrite } from "./rights.js";

/** What is remembered of a send for its retries: plain data, since the memory may be remote. */
interface Sent {
  readonly status: DeliveryStatus;
  readonly messageId: string;
  readonly serverTimeMs: number;
}

/**
 * Messages to users. A message is DELIVERED only when the receiver's client has acknowledged it; a retry with the same client
 * message id waits for the same delivery instead of making a second one.
 */
export function peerMessageHandlers(
  engine: Engine,
  deliveries: Deliveries,
  runtime: Runtime,
  limits: Limits,
): Pick<Handlers, "sendPeerMessage"> {
  /** Sends, and waits for as long as the confirmation takes. `routed` is called when later messages may follow. */
  async function send({ user }: CallContext, request: SendPeerMessageRequest, routed: () => void): Promise<Sent | Refusal> {
    const receiver = { appId: user.appId, userId: request.receiver };
    const entry = await engine.sessions.find(receiver);
    if (entry === undefined) return refuseUnreachable(request.receiver);
    const [serverTimeMs, messageId] = [runtime.clock.now(), randomId(runtime, 96)];
    const message = { sender: user.userId, payload: request.payload, serverTimeMs, messageId, stored: false };
    const delivery = await deliveries.deliver(receiver, entry, message);
    routed();
    const first = await delivery.queued;
    if (first === DeliveryStatus.GONE) return refuseUnreachable(request.receiver);
    if (first === DeliveryStatus.INCOMPATIBLE) return refuseIncompatible();
    const accepted = request.confirmation === SendConfirmation.ACCEPTED;
    return { status: accepted ? first : await delivery.settled, messageId, serverTimeMs };
  }

  return {
    async sendPeerMessage(context, request) {
      const refusal = refuseToWrite(context.rights);
      if (refusal !== undefined) return refusal;
      const target = `peer/${request.receiver}`;
      let attempt: Promise<Sent | Refusal> | undefined;
      const route = () =>
        new Promise<void>((routed) => {
          attempt = countOnce(engine.retries, context.user, target, request.clientMessageId, () =>
            send(context, request, routed),
          );
          attempt.then(
            () => routed(),
            () => routed(),
          );
        });
      await (context.session === undefined ? route() : context.session.inOrder(target, route));
      const sent = attempt && (await within(runtime, limits.receiptTimeoutMs, attempt));
      return sent === undefined ? refuseUnconfirmed() : answerOf(sent);
    },
  };
}

function answerOf(sent: Sent | Refusal): SendPeerMessageResponse | Refusal {
  if (sent instanceof Refusal) return sent;
  const { status, messageId, serverTimeMs } = sent;
  if (status === DeliveryStatus.QUEUED) return { outcome: DeliveryOutcome.ACCEPTED, messageId, serverTimeMs };
  if (status === DeliveryStatus.ACKNOWLEDGED) return { outcome: DeliveryOutcome.DELIVERED, messageId, serverTimeMs };
  // The receiver's session ended with the message in its queue: its client may have had it, so nobody can say.
  return refuseUnconfirmed();
}

function refuseUnconfirmed(): Refusal {
  return refuse(
    ErrorCode.TIMEOUT,
    "the receiver's client has not acknowledged the message; it may have got it, or still get it",
  );
}

function refuseIncompatible(): Refusal {
  return refuse(ErrorCode.INCOMPATIBLE_MESSAGE, "the receiver's client takes no messages with bytes", {
    field: "payload.binary",
  });
}

function refuseUnreachable(receiver: string): Refusal {
  return refuse(ErrorCode.PEER_UNREACHABLE, `user "${receiver}" is offline, and the message was not to be stored`, {
    field: "receiver",
  });
}

/** What a promise gives within a time, or undefined. */
function within<T>(runtime: Runtime, ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = runtime.clock.after(ms, () => resolve(undefined));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
