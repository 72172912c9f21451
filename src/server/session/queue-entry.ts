import type { EventEntry, Traffic } from "../event-entry.js";
import type { Fate } from "../feature/live-session.js";

/**
 * One thing for a client: an event, or the result of a call. An event that nobody waits for stands here as the very `EventEntry`
 * that all its receivers share.
 */
export interface QueueEntry {
  /** An event: the complete `events` entry. A result: an encoded CallResult without `after_events`. */
  readonly bytes: Uint8Array;
  /** A result in order is one of a call about a channel: it stays behind what that channel has brought. */
  readonly traffic: Traffic | "result" | "resultInOrder";
  readonly settled?: (fate: Fate) => void;
}

export function eventOf(entry: EventEntry, settled: ((fate: Fate) => void) | undefined): QueueEntry {
  return settled === undefined ? entry : { ...entry, settled };
}

export function isEvent({ traffic }: QueueEntry): boolean {
  return traffic !== "result" && traffic !== "resultInOrder";
}

/** True for what may wait on a busy node. */
export function mayWait({ traffic }: QueueEntry): boolean {
  return traffic === "channel" || traffic === "members" || traffic === "attributes";
}

/** True for what overtakes channel traffic that has not been sent. */
export function overtakes({ traffic }: QueueEntry): boolean {
  return traffic === "essential" || traffic === "peer" || traffic === "result";
}
