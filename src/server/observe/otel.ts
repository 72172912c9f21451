import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import { serverVersion } from "../version.js";
import type { Tracer } from "./tracer.js";

/** The gRPC statuses that are faults of a server, and not of whoever asks: what OpenTelemetry's conventions call an error. */
const faults: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/**
 * Tells OpenTelemetry of each piece of work as a span, under the span that is active. Without an SDK in the process it does nothing.
 * `now` is the time of day in milliseconds since 1970.
 */
export function openTelemetryTracer(now: () => number): Tracer {
  const tracer = trace.getTracer("aldis", serverVersion);
  return {
    within: (parent, work) =>
      parent === undefined ? work() : context.with(propagation.extract(context.active(), parent), work),
    record({ name, ms, outcome, code }) {
      const endedAt = now();
      const attributes = { "aldis.outcome": outcome };
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: endedAt - ms, attributes });
      if (code !== undefined && faults.has(errorTable[code].grpcStatus)) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endedAt);
    },
  };
}
