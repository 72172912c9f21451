// What an SDK of OpenTelemetry does that matters here: contexts follow the work, a parent comes out of a carrier, spans are kept.
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { onTestFinished } from "vitest";

export interface KeptSpan {
  readonly name: string;
  /** `traceparent` and `tracestate` of the client's trace. Undefined for none. */
  readonly parent: unknown;
}

/** Installs it until the test is over, and gives the spans, which grow. */
export function installTracing(): readonly KeptSpan[] {
  const spans: KeptSpan[] = [];
  const storage = new AsyncLocalStorage<Context>();
  const key = createContextKey("parent");
  const manager: Parameters<typeof context.setGlobalContextManager>[0] = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (present, work, self, ...args) => storage.run(present, () => work.call(self as never, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager);
  propagation.setGlobalPropagator({
    inject() {},
    extract: (present, carrier, getter) =>
      present.setValue(key, [getter.get(carrier, "traceparent"), getter.get(carrier, "tracestate")]),
    fields: () => [],
  });
  const startSpan = (name: string) => {
    spans.push({ name, parent: context.active().getValue(key) });
    return { setStatus() {}, end() {} } as unknown as Span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  onTestFinished(() => {
    for (const api of [trace, context, propagation]) api.disable();
  });
  return spans;
}
