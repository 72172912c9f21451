import { channelMessageEntries, type EventEntry } from "../../src/server/event-entry.js";

/** The entry of one channel message whose encoding lacks its offset. */
export function messageEntry(message: Uint8Array, offset: number): EventEntry {
  const [entry] = channelMessageEntries([{ message }], offset);
  if (entry === undefined) throw new Error("a message has an entry");
  return entry;
}
