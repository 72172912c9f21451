import type { ErrorCode } from "../../../gen/aldis/v1/error.js";

/** A piece of work that is over. It has nothing of any user: names and outcomes are of the protocol. */
export interface TracedWork {
  /** What was done, such as "JoinChannel". */
  readonly name: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** How it ended, such as "OK" or the name of an error. */
  readonly outcome: string;
  /** The error with which it ended. Undefined for none. */
  readonly code?: ErrorCode;
}

/** What a client says of the trace that it is in, as the W3C's Trace Context has it. It may be any text. */
export interface TraceParent {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Where work is told for distributed tracing. It never throws. */
export interface Tracer {
  /** Does work that belongs to the trace of a client, if that has told of one: what is recorded meanwhile hangs from it. */
  within<T>(parent: TraceParent | undefined, work: () => T): T;
  /** Takes work that has just ended, in the asynchronous context in which it was done. */
  record(work: TracedWork): void;
}

/** A tracer that forgets everything. */
export const noTracer: Tracer = { within: (_, work) => work(), record() {} };
