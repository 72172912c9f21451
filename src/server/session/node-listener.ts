import { NodeMessage } from "../../../gen/aldis/node/v1/node.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import type { NodeRequests } from "../feature/admin/node-requests.js";
import type { Deliveries } from "../feature/deliveries.js";
import type { Inboxes } from "../feature/inbox/inboxes.js";
import type { UserEvents } from "../feature/user-events.js";
import type { Registry } from "./registry.js";
import type { Sessions } from "./sessions.js";

/** Who does what nodes want. */
export interface NodeServices {
  readonly deliveries: Deliveries;
  readonly events: UserEvents;
  readonly inboxes: Inboxes;
  readonly registry: Registry;
  readonly requests: NodeRequests;
  readonly sessions: Sessions;
}

/** What hears what other nodes, or this one, want of this node. */
export function nodeListener(
  { deliveries, events, inboxes, registry, requests, sessions }: NodeServices,
  report: (failure: unknown) => void,
): (message: Uint8Array) => void {
  return (bytes) => {
    const decoded = decodeStrict(NodeMessage, bytes);
    if (!decoded.ok) return report(new Error(`a node sent a message that cannot be read: ${decoded.problem}`));
    const { action } = decoded.value;
    if (action?.$case === "delivery") deliveries.onDelivery(action.value);
    else if (action?.$case === "report") deliveries.onReport(action.value);
    else if (action?.$case === "userEvent") events.onUserEvent(action.value);
    else if (action?.$case === "inboxNews") inboxes.onNews(action.value);
    else if (action?.$case === "request") requests.onRequest(action.value);
    else if (action?.$case === "reply") requests.onReply(action.value);
    else if (action?.$case === "endSession") {
      const session = registry.find(action.value.sessionId);
      if (session !== undefined) sessions.end(session, action.value.reason).catch(report);
    }
  };
}
