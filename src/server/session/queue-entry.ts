import type { EventEntry, Traffic } from "../event-entry.js";
import { EventSegment } from "../event-segment.js";
import type { Fate } from "../feature/live-session.js";

/** What is queued for a client in one piece. Events that nobody waits for stand here as the very objects that all their receivers share. */
export type QueueEntry = SingleEntry | EventSegment;

/** One thing for a client: an event, or the result of a call. */
export interface SingleEntry {
  /** An event: the complete `events` entry. A result: an encoded CallResult without `after_events`. */
  readonly bytes: Uint8Array;
  /** A result in order is one of a call about a channel: it stays behind what that channel has brought. */
  readonly traffic: Traffic | "result" | "resultInOrder";
  readonly settled?: ((fate: Fate) => void) | undefined;
  /** Told when it goes to a link for the first time. */
  readonly sent?: (() => void) | undefined;
}

export function eventOf(entry: EventEntry, settled?: (fate: Fate) => void, sent?: () => void): SingleEntry {
  return settled === undefined && sent === undefined ? entry : { ...entry, settled, sent };
}

export function isSegment(entry: QueueEntry): entry is EventSegment {
  return entry instanceof EventSegment;
}

export function isResult({ traffic }: QueueEntry): boolean {
  return traffic === "result" || traffic === "resultInOrder";
}

/** How many events an entry is. */
export function eventsOf(entry: QueueEntry): number {
  if (isSegment(entry)) return entry.count;
  return isResult(entry) ? 0 : 1;
}

/** The bytes of an entry. */
export function sizeOf(entry: QueueEntry): number {
  return isSegment(entry) ? entry.size : entry.bytes.length;
}

/** True for what may wait on a busy node. */
export function mayWait({ traffic }: QueueEntry): boolean {
  return traffic === "channel" || traffic === "members" || traffic === "attributes";
}

/** True for what overtakes channel traffic that has not been sent. */
export function overtakes({ traffic }: QueueEntry): boolean {
  return traffic === "essential" || traffic === "peer" || traffic === "result";
}
