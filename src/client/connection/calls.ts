import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type Call, type CallResult, ConnectRequest } from "../../../gen/aldis/v1/stream.js";
import { type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import { type OperationName, type Operations, operations } from "../../../gen/aldis/v1/tables/operations.js";
import { AldisError, failure, messageOf } from "../error.js";
import type { Clock } from "../runtime.js";
import { canceled, type WaitOptions, watchDeadline } from "./deadline.js";
import type { SessionBeginning } from "./session.js";

/** What became of a call. */
export type Outcome<Response> =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly error: AldisError };

export interface CallStart extends WaitOptions {
  /** True to be sent before the calls that wait for a link. */
  readonly first?: boolean;
}

type AnyResponse = Operations[OperationName]["response"];

/** A call that has not been settled. */
interface OpenCall {
  readonly callId: number;
  readonly operation: OperationName;
  /** The encoded `ConnectRequest`. */
  readonly frame: Uint8Array;
  readonly first: boolean;
  /** Its place among the calls of the session, from 1. Undefined until it is sent in the present session. */
  place: number | undefined;
  /** True if it was sent in a session that was lost, and may have been done there. */
  repeated: boolean;
  readonly settle: (outcome: Outcome<AnyResponse>) => void;
  readonly unwatch: () => void;
}

const LARGEST_CALL_ID = 0xffff_ffff;

/** The calls in flight and those that wait for a link. Each is settled exactly once. */
export class Calls {
  readonly #clock: Clock;
  readonly #open = new Map<number, OpenCall>();
  /** Those of them that have no place yet, in order. */
  #waiting = new Set<OpenCall>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a call; `settle` may be called from inside. The call is sent by `sendWaiting`. Gives what withdraws it: it is not sent
   * any more, and never settled.
   */
  start<K extends OperationName>(
    operation: K,
    request: Operations[K]["request"],
    options: CallStart & { readonly limits: Limits },
    settle: (outcome: Outcome<Operations[K]["response"]>) => void,
  ): () => void {
    const callId = this.#nextId();
    const encoded = this.#encode(callId, operation, request, options);
    if (encoded instanceof AldisError) {
      settle({ ok: false, error: encoded });
      return () => {};
    }
    const call: OpenCall = {
      callId,
      operation,
      frame: encoded,
      first: options.first ?? false,
      place: undefined,
      repeated: false,
      // The result's case is compared with the operation before this is called.
      settle: settle as (outcome: Outcome<AnyResponse>) => void,
      unwatch: watchDeadline(this.#clock, options, (error) => this.#settle(callId, { ok: false, error })),
    };
    this.#open.set(callId, call);
    this.#waiting.add(call);
    return () => this.#take(callId);
  }

  /** Sends what waits, in order. `send` returns the call's place in the session. */
  sendWaiting(send: (frame: Uint8Array) => number): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of [...waiting.filter(({ first }) => first), ...waiting.filter(({ first }) => !first)]) {
      call.place = send(call.frame);
    }
  }

  /** Settles a call with what the server says. A result of a call that is settled already changes nothing. */
  finish(result: CallResult): void {
    const call = this.#open.get(result.callId);
    if (call === undefined) return;
    const outcome = outcomeOf(call.operation, result);
    this.#settle(result.callId, call.repeated ? doubted(outcome) : outcome);
  }

  /**
   * Takes the beginning of a session. If it goes on, what the server has not received waits to be sent again. Otherwise what
   * may be repeated does. Returns what fails the others, whose outcome nobody knows.
   */
  begin({ start, callsReceived }: SessionBeginning): () => void {
    const resumed = start === SessionStart.RESUMED;
    const lost: OpenCall[] = [];
    for (const call of this.#open.values()) {
      if (call.place === undefined || (resumed && call.place <= callsReceived)) continue;
      if (resumed || operations[call.operation].repeatable) {
        call.repeated ||= !resumed;
        call.place = undefined;
      } else lost.push(call);
    }
    this.#waiting = new Set([...this.#open.values()].filter(({ place }) => place === undefined));
    return () => this.#failAll(lost, failure(ErrorCode.NOT_CONNECTED, "The session was lost, and the outcome is unknown."));
  }

  /** Fails everything. */
  end(): void {
    this.#failAll([...this.#open.values()], failure(ErrorCode.NOT_CONNECTED, "The session has ended before the answer came."));
  }

  #failAll(calls: readonly OpenCall[], error: AldisError): void {
    for (const call of calls) this.#settle(call.callId, { ok: false, error });
  }

  #settle(callId: number, outcome: Outcome<AnyResponse>): void {
    this.#take(callId)?.settle(outcome);
  }

  /** A call that is open is so no more. */
  #take(callId: number): OpenCall | undefined {
    const call = this.#open.get(callId);
    if (call === undefined) return undefined;
    this.#open.delete(callId);
    this.#waiting.delete(call);
    call.unwatch();
    return call;
  }

  #encode(
    callId: number,
    operation: OperationName,
    request: Operations[OperationName]["request"],
    { limits, signal }: CallStart & { readonly limits: Limits },
  ): Uint8Array | AldisError {
    if (signal?.aborted) return canceled();
    if (this.#open.size >= limits.callsInFlight) {
      return limitFailure(ErrorCode.RATE_LIMITED, "Too many calls are in flight.", "callsInFlight", limits);
    }
    const call: Call = { callId, request: { $case: operation, value: request } as Call["request"] };
    try {
      const frame = ConnectRequest.encode({ frame: { $case: "call", value: call } }).finish();
      if (frame.length <= limits.frameBytes) return frame;
    } catch (thrown) {
      return failure(ErrorCode.INVALID_ARGUMENT, `The request cannot be encoded: ${messageOf(thrown)}`);
    }
    // The server would end the stream, and the client would send it again.
    return limitFailure(ErrorCode.PAYLOAD_TOO_LARGE, "The request is too large.", "frameBytes", limits);
  }

  #nextId(): number {
    do {
      this.#lastId = this.#lastId === LARGEST_CALL_ID ? 1 : this.#lastId + 1;
    } while (this.#open.has(this.#lastId));
    return this.#lastId;
  }
}

function outcomeOf(operation: OperationName, { outcome }: CallResult): Outcome<AnyResponse> {
  if (outcome?.$case === "error") return { ok: false, error: new AldisError(outcome.value) };
  if (outcome?.$case === operation) return { ok: true, response: outcome.value };
  return { ok: false, error: failure(ErrorCode.INTERNAL, "The server gave no answer that fits the call.") };
}

/** Whom a message does not reach the second time it may have reached the first time. */
function doubted<Response>(outcome: Outcome<Response>): Outcome<Response> {
  if (outcome.ok || outcome.error.code !== ErrorCode.PEER_UNREACHABLE) return outcome;
  const message = "The receiver is offline now; it may have got the message before the session was lost.";
  return { ok: false, error: failure(ErrorCode.TIMEOUT, message) };
}

function limitFailure(code: ErrorCode, message: string, name: "callsInFlight" | "frameBytes", limits: Limits): AldisError {
  return failure(code, message, { limit: limitTable[name].name, limitValue: limits[name] });
}
