import type { Engine } from "../../engine/engine.js";
import type { Clock } from "../../runtime.js";
import type { ChannelMessageHandlers } from "../channel-message.js";
import type { PeerMessageHandlers } from "../peer-message.js";
import type { TraceRecorder } from "../trace.js";
import type { AdminHandlers } from "./admin-context.js";
import { channelHandlers } from "./channels.js";
import { Evictions } from "./evictions.js";
import type { NodeRequests } from "./node-requests.js";
import { sendHandlers } from "./sends.js";
import { sessionHandlers } from "./sessions.js";
import { type IssueToken, tokenHandlers } from "./tokens.js";
import { traceHandlers } from "./traces.js";
import { userHandlers } from "./users.js";

export interface AdminServices {
  readonly engine: Engine;
  readonly requests: NodeRequests;
  /** The nodes of the cluster. */
  readonly nodes: () => Promise<readonly string[]>;
  readonly peerMessages: PeerMessageHandlers;
  readonly channelMessages: ChannelMessageHandlers;
  readonly issueToken: IssueToken;
  readonly trace: TraceRecorder;
  readonly clock: Clock;
}

/** Everything that an operator can call, but for what streams. */
export function adminHandlers(services: AdminServices): AdminHandlers {
  const { engine, requests, nodes, peerMessages, channelMessages, issueToken, trace, clock } = services;
  const evictions = new Evictions(engine, requests, nodes);
  return {
    ...sendHandlers(peerMessages, channelMessages),
    ...userHandlers(engine, evictions, trace, clock),
    ...channelHandlers(engine, evictions),
    ...sessionHandlers(engine, requests, clock),
    ...tokenHandlers(engine, evictions, issueToken, clock),
    ...traceHandlers(requests, nodes),
  };
}
