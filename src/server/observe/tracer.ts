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

/** Where work is told for distributed tracing. It never throws. */
export interface Tracer {
  /** Takes work that has just ended, in the asynchronous context in which it was done. */
  record(work: TracedWork): void;
}

/** A tracer that forgets everything. */
export const noTracer: Tracer = { record() {} };
