import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Flushable, Urgent } from "../../src/server/fanout/flusher.js";
import type { Clock } from "../../src/server/runtime.js";
import { BatchJoiner } from "../../src/server/session/batch-joiner.js";
import type { SessionObserver, SessionServices } from "../../src/server/session/session.js";

/** What sessions need, with observers that say nothing and channel traffic that waits for nobody. */
export function sessionServices(clock: Clock, limits: Limits = defaultLimits): SessionServices {
  const observer: SessionObserver = { onBatch() {}, onSlowConsumer() {} };
  const flusher = { plan: (member: Flushable) => member.flushDue(), hurry: (member: Urgent) => member.flushNow() };
  return { clock, limits, flusher, joiner: new BatchJoiner(), observer };
}
