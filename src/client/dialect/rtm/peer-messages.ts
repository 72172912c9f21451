import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { DeliveryOutcome, SendConfirmation } from "../../../../gen/aldis/v1/message.js";
import type { AldisClient } from "../../client.js";
import { AldisError } from "../../error.js";
import type { CallOptions } from "../../options.js";
import type { RtmContext } from "./context.js";
import { endCall } from "./end-call.js";
import { PeerMessageError } from "./error-code.js";
import { checkUserId } from "./identifiers.js";
import { type PeerMessageSendResult, payloadOf, type RtmMessage, type SendMessageOptions } from "./messages.js";

/** The time in milliseconds in which the peer's client must have a message. */
const TIMEOUT_MS = 10_000;

/** Sends a message to a peer. That the peer is offline is a result, all else that goes wrong rejects. */
export function sendToPeer(
  context: RtmContext,
  message: RtmMessage,
  peerId: string,
  { enableOfflineMessaging = false }: SendMessageOptions = {},
): Promise<PeerMessageSendResult> {
  return context.call("RTM_PEER_MESSAGE", TIMEOUT_MS, async (client, options) => {
    checkUserId(peerId);
    const payload = payloadOf(message);
    context.sends.take();
    const isCallEnd = typeof payload === "string" && (await endCall(client, peerId, payload, options));
    if (isCallEnd) return { hasPeerReceived: true, code: PeerMessageError.OK };
    return await send(client, peerId, payload, enableOfflineMessaging, options);
  });
}

async function send(
  client: AldisClient,
  peerId: string,
  payload: ReturnType<typeof payloadOf>,
  storeIfAway: boolean,
  options: CallOptions,
): Promise<PeerMessageSendResult> {
  try {
    const confirmation = SendConfirmation.DELIVERED;
    const { outcome } = await client.sendToPeer(peerId, payload, { ...options, confirmation, storeIfAway });
    if (outcome === DeliveryOutcome.STORED) return { hasPeerReceived: false, code: PeerMessageError.CACHED_BY_SERVER };
    return { hasPeerReceived: true, code: PeerMessageError.OK };
  } catch (thrown) {
    if (!(thrown instanceof AldisError) || thrown.code !== ErrorCode.PEER_UNREACHABLE) throw thrown;
    return { hasPeerReceived: false, code: PeerMessageError.PEER_UNREACHABLE };
  }
}
