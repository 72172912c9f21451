import type { EventEntry } from "../../src/server/event-entry.js";
import { channelMessagePieces } from "../../src/server/event-piece.js";

/** The entry of one channel message whose encoding lacks its offset. */
export function messageEntry(message: Uint8Array, offset: number): EventEntry {
  const entry = channelMessagePieces([{ message }], offset)[0]?.entries[0];
  if (entry === undefined) throw new Error("a message has an entry");
  return entry;
}
