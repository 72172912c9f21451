import type { Metadata } from "@grpc/grpc-js";
import type { TraceParent } from "../../observe/tracer.js";

export function texts(metadata: Metadata, key: string): string[] {
  return metadata.get(key).map(String);
}

/** The trace that a client says to be in. Undefined if it says none. Whether it makes sense is for the SDK to say. */
export function traceOf(metadata: Metadata): TraceParent | undefined {
  const [traceparent] = texts(metadata, "traceparent");
  return traceparent === undefined ? undefined : { traceparent, tracestate: texts(metadata, "tracestate").join() };
}
