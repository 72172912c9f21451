import { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { SendChannelMessageRequest } from "../../../../gen/aldis/v1/channel.js";
import { SendPeerMessageRequest } from "../../../../gen/aldis/v1/message.js";
import type { CallContext } from "../call-context.js";
import type { ChannelMessageHandlers } from "../channel-message.js";
import type { PeerMessageHandlers } from "../peer-message.js";
import { Refusal } from "../refusal.js";
import type { AdminHandlers } from "./admin-context.js";

type SendOperations = "sendToPeer" | "sendToChannel";

/** Messages of an operator, as any sender: they go the way of users' messages, from outside of all channels. */
export function sendHandlers(
  { sendPeerMessage }: PeerMessageHandlers,
  { sendChannelMessage }: Pick<ChannelMessageHandlers, "sendChannelMessage">,
): Pick<AdminHandlers, SendOperations> {
  return {
    async sendToPeer({ appId, sender, message }) {
      const request = apartFromOwn(SendPeerMessageRequest.create(message));
      const result = await sendPeerMessage(contextOf(appId, sender), request);
      return result instanceof Refusal ? result : { result };
    },

    async sendToChannel({ appId, sender, message }) {
      const request = { ...apartFromOwn(SendChannelMessageRequest.create(message)), fromOutside: true };
      const result = await sendChannelMessage(contextOf(appId, sender), request);
      return result instanceof Refusal ? result : { result };
    },
  };
}

const rights = TokenRights.create({ sendFromOutside: ["*"] });

function contextOf(appId: string, userId: string): CallContext {
  return { user: { appId, userId }, rights, afterAnswer: () => {} };
}

/** An operator's retry must not be taken for one of the sender's own: the ids of both may count from 1. */
function apartFromOwn<T extends { readonly clientMessageId: string }>(request: T): T {
  return request.clientMessageId === "" ? request : { ...request, clientMessageId: `admin ${request.clientMessageId}` };
}
