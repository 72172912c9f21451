import { type Span, type SpanOptions, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { expect, it, onTestFinished } from "vitest";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { openTelemetryTracer } from "../../../../src/server/observe/otel.js";
import { installTracing } from "../../../support/tracing.js";

interface RecordedSpan {
  readonly name: string;
  readonly options: SpanOptions | undefined;
  status?: SpanStatusCode;
  endedAt?: unknown;
}

/** An SDK that keeps what it is told. */
function installSdk(): RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  const startSpan = (name: string, options?: SpanOptions) => {
    const span: RecordedSpan = { name, options };
    spans.push(span);
    return {
      setStatus({ code }: { code: SpanStatusCode }) {
        span.status = code;
      },
      end(time: unknown) {
        span.endedAt = time;
      },
    } as unknown as Span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  onTestFinished(() => trace.disable());
  return spans;
}

it("work is a span that has lasted as long as the work, with its outcome", () => {
  const spans = installSdk();

  openTelemetryTracer(() => 10_000).record({ name: "JoinChannel", ms: 250, outcome: "OK" });

  expect(spans).toMatchObject([
    { name: "JoinChannel", options: { startTime: 9_750, attributes: { "aldis.outcome": "OK" } }, endedAt: 10_000 },
  ]);
  expect(spans[0]?.status).toBeUndefined();
});

it("only faults of the server are errors", () => {
  const spans = installSdk();
  const tracer = openTelemetryTracer(() => 0);

  for (const code of [ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.NOT_IN_CHANNEL]) {
    tracer.record({ name: "JoinChannel", ms: 1, outcome: "refused", code });
  }

  expect(spans.map(({ status }) => status)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.ERROR, undefined, undefined]);
});

it("without an SDK nothing happens", () => {
  expect(() => openTelemetryTracer(() => 0).record({ name: "JoinChannel", ms: 1, outcome: "OK" })).not.toThrow();
});

it("what is recorded within a client's trace hangs from it, also later in the same work", async () => {
  const spans = installTracing();
  const tracer = openTelemetryTracer(() => 0);
  const work = { name: "JoinChannel", ms: 1, outcome: "OK" };

  await tracer.within({ traceparent: "00-1-2-01", tracestate: "a=b" }, async () => {
    await Promise.resolve();
    tracer.record(work);
  });
  tracer.within(undefined, () => tracer.record(work));

  expect(spans.map(({ parent }) => parent)).toEqual([["00-1-2-01", "a=b"], undefined]);
});
