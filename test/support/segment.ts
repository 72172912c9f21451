import { LogSegment } from "../../gen/aldis/node/v1/segment.js";
import type { NewSegment } from "../../src/server/engine/store/calls.js";

/** Messages of one sender as the store takes them. */
export function segmentOf(...messages: readonly Uint8Array[]): NewSegment {
  const stored = messages.map((message) => ({ sender: "ada", message }));
  return { count: messages.length, messages: LogSegment.encode({ messages: stored }).finish() };
}
