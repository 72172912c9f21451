// A server for tests of the client that does nothing by itself: the test reads what the client sent and says each answer.
// It is the client's transport. Each stream that the client opens is a `ScriptedStream`; `server.stream` is the latest one.
// To extend it: a new control message needs nothing (use `control`); a new event or operation neither (use `events`, `answer`,
// or `batch` for several in one frame). What a test says often may get a method of its own next to `welcome`.
import { ErrorDetail } from "../../gen/aldis/v1/error.js";
import { type Ack, Goodbye, type Hello, SessionStart, Welcome } from "../../gen/aldis/v1/session.js";
import {
  type Call,
  type CallResult,
  ConnectRequest,
  ConnectResponse,
  type DeepPartial,
  type Event,
} from "../../gen/aldis/v1/stream.js";
import type { OperationName, Operations } from "../../gen/aldis/v1/tables/operations.js";
import type { Link, LinkListener, LinkProblem, Transport } from "../../src/client/transport/transport.js";

type Frame<Case> = Extract<NonNullable<ConnectRequest["frame"]>, { $case: Case }>;
type AnyEvent = NonNullable<Event["event"]>;

export class ScriptedServer implements Transport {
  /** All streams, the oldest first. */
  readonly streams: ScriptedStream[] = [];

  /** The latest stream. */
  get stream(): ScriptedStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error("the client has opened no stream");
    return stream;
  }

  open(listener: LinkListener): Link {
    const stream = new ScriptedStream(listener);
    this.streams.push(stream);
    return stream;
  }
}

export class ScriptedStream implements Link {
  /** What the client sent, in order. */
  readonly frames: NonNullable<ConnectRequest["frame"]>[] = [];
  /** True if the client closed the stream. */
  closed = false;
  readonly #listener: LinkListener;

  constructor(listener: LinkListener) {
    this.#listener = listener;
  }

  send(bytes: Uint8Array): void {
    const { frame } = ConnectRequest.decode(bytes);
    if (frame === undefined) throw new Error("the client sent an empty frame");
    this.frames.push(frame);
  }

  close(): void {
    this.closed = true;
  }

  get hello(): Hello {
    const [hello] = this.#all("hello");
    if (hello === undefined) throw new Error("the client has not said hello");
    return hello.value;
  }

  get calls(): Call[] {
    return this.#all("call").map(({ value }) => value);
  }

  get acks(): Ack[] {
    return this.#all("ack").map(({ value }) => value);
  }

  get pings(): number {
    return this.#all("ping").length;
  }

  /** The latest call of an operation. */
  call<K extends OperationName>(operation: K): { callId: number; request: Operations[K]["request"] } {
    const call = this.calls.findLast(({ request }) => request?.$case === operation);
    if (call?.request === undefined) throw new Error(`the client has not called ${operation}`);
    return { callId: call.callId, request: call.request.value as Operations[K]["request"] };
  }

  /** How many times the client has called an operation on this stream. */
  countOf(operation: OperationName): number {
    return this.calls.filter(({ request }) => request?.$case === operation).length;
  }

  welcome(welcome: DeepPartial<Welcome> = {}): void {
    const value = Welcome.create({ sessionId: "session-1", resumeToken: "secret-1", start: SessionStart.NEW, ...welcome });
    this.control({ $case: "welcome", value });
  }

  goodbye(reason: Goodbye["reason"], rest: DeepPartial<Goodbye> = {}): void {
    this.control({ $case: "goodbye", value: Goodbye.create({ ...rest, reason }) });
  }

  control(control: ConnectResponse["control"]): void {
    this.say({ events: [], results: [], control });
  }

  /** Says events in one frame. */
  events(...events: AnyEvent[]): void {
    this.batch(events, []);
  }

  /** Answers the latest call of an operation. */
  answer<K extends OperationName>(operation: K, response?: DeepPartial<Operations[K]["response"]>): void {
    this.batch([], [this.resultOf(operation, response)]);
  }

  /** Fails the latest call of an operation. */
  fail(operation: OperationName, detail: Partial<ErrorDetail> & Pick<ErrorDetail, "code">): void {
    const value = ErrorDetail.create({ message: "No.", ...detail });
    this.batch([], [{ callId: this.call(operation).callId, outcome: { $case: "error", value }, afterEvents: 0 }]);
  }

  /** A good result of the latest call of an operation, to be put into a batch. */
  resultOf<K extends OperationName>(
    operation: K,
    response?: DeepPartial<Operations[K]["response"]>,
    afterEvents = 0,
  ): DeepPartial<CallResult> {
    const outcome = { $case: operation, value: response ?? {} } as DeepPartial<CallResult>["outcome"];
    return { callId: this.call(operation).callId, outcome, afterEvents };
  }

  /** Says events and results in one frame. */
  batch(events: AnyEvent[], results: DeepPartial<CallResult>[]): void {
    this.say(ConnectResponse.create({ events: events.map((event) => ({ event })), results }));
  }

  say(response: ConnectResponse): void {
    this.sayBytes(ConnectResponse.encode(response).finish());
  }

  sayBytes(bytes: Uint8Array): void {
    this.#listener.onFrame(bytes);
  }

  /** Ends the stream from the server's side. */
  drop(problem: LinkProblem | undefined = { message: "The wire was cut." }): void {
    this.#listener.onClosed(problem);
  }

  #all<Case extends NonNullable<ConnectRequest["frame"]>["$case"]>($case: Case): Frame<Case>[] {
    return this.frames.filter((frame): frame is Frame<Case> => frame.$case === $case);
  }
}
