// An event as it travels: encoded once, as a complete `events` entry of a ConnectResponse (tag, length, bytes). Entries joined
// byte by byte are a legal message, so a batch and a second receiver cost no encoding.
import { ConnectResponse, type Event } from "../../gen/aldis/v1/stream.js";
import { encode } from "./encode.js";

/**
 * What becomes of an entry when its session's queue is full, and when it is sent: channel traffic may wait a little on a busy
 * node, and the rest overtakes what waits.
 * - "essential": it is queued all the same; there is a bounded number of them.
 * - "departure": the same, but it stays behind the traffic of the channel that it ends.
 * - "peer": it is refused, and its sender is told.
 * - "channel": it becomes part of a told gap of its channel.
 * - "members": it is dropped, and the next told gap of its channel says that members changed.
 * - "attributes": only the newest change is kept, and queued when there is room: its revision tells that others were dropped.
 */
export type Traffic = "essential" | "departure" | "peer" | "channel" | "members" | "attributes";

export interface EventEntry {
  readonly bytes: Uint8Array;
  readonly traffic: Traffic;
}

export function eventEntry(event: NonNullable<Event["event"]>, traffic: Traffic): EventEntry {
  return { bytes: encode(ConnectResponse, ConnectResponse.create({ events: [{ event }] })), traffic };
}
