import { DamagedRecord } from "./checksum.js";

/** What a failure means for the store: wait for room, stop for good, or a fault of one call only. */
export type FailureKind = "full" | "failed" | "fault";

/** The primary result codes of SQLite after which nothing that it says can be relied on. */
const fatal = new Map([
  [7, "no memory"],
  [8, "read-only"],
  [10, "input or output"],
  [11, "damaged"],
  [14, "cannot open"],
  [26, "not a database"],
]);
const full = 13;
/** No room for the shared index of the log of changes: the one failure of a full disk with a code of its own. */
const noRoomForIndex = 10 + (19 << 8);

export function kindOf(failure: unknown): FailureKind {
  if (failure instanceof DamagedRecord) return "failed";
  const code = resultCode(failure);
  if ((code & 0xff) === full || code === noRoomForIndex) return "full";
  return fatal.has(code & 0xff) ? "failed" : "fault";
}

/** The extended result code of SQLite; 0 for a failure that is not one of its. */
export function resultCode(failure: unknown): number {
  const { errcode } = failure instanceof Error ? (failure as Error & { errcode?: unknown }) : {};
  return typeof errcode === "number" ? errcode : 0;
}
