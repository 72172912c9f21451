import type { LimitName } from "../../../gen/aldis/v1/tables/limits.js";

/** The limits that stay as they are until the server is started again. All others may change while it runs. */
export const fixedLimits: ReadonlySet<LimitName> = new Set<LimitName>([
  // The engine has them from the start: what it keeps was kept by them, and its thread has a copy.
  ...(["attributesPerOwner", "userAttributesBytes", "channelAttributesBytes", "emptyChannelAgeMs", "inboxMessages"] as const),
  // The lease of a node is the grace of presence.
  ...(["channelHistoryMessages", "channelHistoryAgeMs", "retryMemoryMs", "presenceGraceMs"] as const),
  // All nodes that send to one count what waits for it together.
  ...(["nodeMailMessages", "nodeMailBytes"] as const),
  // gRPC has it from the start.
  "frameBytes",
  // A client keeps to those that its login told, and would be cut or stuck by others.
  ...(["heartbeatIntervalMs", "unreachableAfterMs", "silenceTimeoutMs", "replayEvents", "replayBytes"] as const),
  ...(["ackEvents", "ackIntervalMs"] as const),
]);
