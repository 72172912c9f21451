import type { SessionStart, Welcome } from "../../../gen/aldis/v1/session.js";
import { ConnectRequest, type ConnectResponse, type Event } from "../../../gen/aldis/v1/stream.js";
import { defaultLimits, type Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { OperationName, Operations } from "../../../gen/aldis/v1/tables/operations.js";
import type { Runtime } from "../runtime.js";
import { Acknowledger, isAwaited } from "./acknowledger.js";
import { type CallStart, Calls, type Outcome } from "./calls.js";
import { entriesOf } from "./inbound.js";
import { limitsFrom } from "./limits.js";
import type { Line } from "./line.js";
import { Session } from "./session.js";

/** What goes to and fro in a session: calls and acknowledgements up, events and results down. It outlives its lines. */
export class Exchange {
  readonly session = new Session();
  readonly #calls: Calls;
  readonly #acknowledger: Acknowledger;
  readonly #onEvent: (event: Event) => void;
  #limits: Limits = defaultLimits;
  /** Undefined while there is no link: calls then wait. */
  #line: Line | undefined;

  constructor(runtime: Pick<Runtime, "clock" | "random">, onEvent: (event: Event) => void) {
    this.#calls = new Calls(runtime.clock);
    this.#acknowledger = new Acknowledger(runtime, () => this.#acknowledge());
    this.#onEvent = onEvent;
  }

  /**
   * Takes a call, which is sent now or when the next line is there. `settle` is called once, perhaps from inside. Gives what
   * withdraws the call.
   */
  start<K extends OperationName>(
    operation: K,
    request: Operations[K]["request"],
    options: CallStart,
    settle: (outcome: Outcome<Operations[K]["response"]>) => void,
  ): () => void {
    const withdraw = this.#calls.start(operation, request, { ...options, limits: this.#limits }, settle);
    this.#sendWaiting();
    return withdraw;
  }

  /**
   * Takes a welcome on a line. `tell` is called with how the session began, before anything is sent, so that new calls do not
   * overtake old ones. False if the server's session is not to be trusted; then nothing has happened.
   */
  begin(welcome: Welcome, line: Line, tell: (start: SessionStart) => void): boolean {
    const beginning = this.session.begin(welcome);
    if (beginning === undefined) return false;
    this.#limits = limitsFrom(welcome.limits);
    line.welcomed(this.#limits);
    const failLost = this.#calls.begin(beginning);
    tell(beginning.start);
    failLost();
    this.#line = line;
    this.#sendWaiting();
    return true;
  }

  /** Takes a batch of some bytes: tells its events and settles its calls, in order, and acknowledges them. */
  receive(frame: ConnectResponse, bytes: number): void {
    if (this.#line === undefined) return;
    for (const entry of entriesOf(frame)) {
      if (entry.kind === "event") this.session.takeEvent(() => this.#onEvent(entry.event));
      else this.session.takeResult(() => this.#calls.finish(entry.result));
    }
    const entries = frame.events.length + frame.results.length;
    this.#acknowledger.note({ entries, bytes, urgent: frame.events.some(isAwaited) }, this.#limits);
  }

  /** The line is gone. */
  pause(): void {
    this.#line = undefined;
    this.#acknowledger.reset();
  }

  /** The session is over: what is open fails. */
  end(): void {
    this.session.end();
    this.#calls.end();
  }

  #acknowledge(): void {
    this.#line?.send(ConnectRequest.encode({ frame: { $case: "ack", value: this.session.ack() } }).finish());
  }

  #sendWaiting(): void {
    const line = this.#line;
    if (line === undefined) return;
    this.#calls.sendWaiting((frame) => {
      line.send(frame);
      return this.session.countCall();
    });
  }
}
