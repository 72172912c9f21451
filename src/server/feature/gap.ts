import type { Gap } from "../../../gen/aldis/v1/history.js";
import type { LogPosition, LogRange } from "../engine/ports/channel-log.js";

/** What is missing between a place and a range that was read forward from it. Undefined for nothing. */
export function gapAfter(from: LogPosition, { records, head, gap }: LogRange): Gap | undefined {
  if (!gap) return undefined;
  const lastOffset = (records[0]?.offset ?? head.offset + 1) - 1;
  const beginning = from.epoch === "" && from.offset === 0;
  const comparable = (beginning || from.epoch === head.epoch) && from.offset < lastOffset;
  return comparable ? { firstOffset: from.offset + 1, lastOffset } : { firstOffset: 0, lastOffset: 0 };
}
