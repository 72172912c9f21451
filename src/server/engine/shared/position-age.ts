import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";

/** Positions are kept for a minute whatever the limits say: a channel in use that forgot its head would begin anew each time. */
const leastMs = 60_000;

/** How long a log keeps the position of a channel after its last use, in milliseconds: at least as long as its messages. */
export function positionAgeMs({ emptyChannelAgeMs, channelHistoryAgeMs }: Limits): number {
  return Math.max(emptyChannelAgeMs, channelHistoryAgeMs, leastMs);
}
