import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode, type ErrorDetail } from "../../../gen/aldis/v1/error.js";
import type { Ack, Hello } from "../../../gen/aldis/v1/session.js";
import { type Call, ConnectRequest } from "../../../gen/aldis/v1/stream.js";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import { EngineUnavailable } from "../engine/ports/unavailable.js";
import { Refusal, refuse, refuseFailed, refuseOver } from "../feature/refusal.js";
import type { Tracer } from "../observe/tracer.js";
import type { Clock, Timer } from "../runtime.js";
import type { Link, LinkListener } from "./link.js";
import type { Login } from "./login.js";
import { controlFrame, goodbyePatienceMs, type Session } from "./session.js";
import type { StreamCalls } from "./stream-calls.js";

export interface StreamServices {
  readonly login: Login;
  readonly calls: StreamCalls;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly tracer: Tracer;
  readonly report: (failure: unknown) => void;
}

/**
 * What a stream waits for. "opening": the hello is being looked at, and frames that come meanwhile are kept, in order. "closed":
 * nothing counts any more.
 */
type State =
  | { readonly kind: "hello"; readonly timer: Timer }
  | { readonly kind: "opening"; readonly early: Uint8Array[]; bytes: number }
  | { readonly kind: "live"; readonly session: Session }
  | { readonly kind: "closed" };

/** One stream of one client: hello first, then frames of its session. A frame that breaks a rule ends the stream, not more. */
export class Stream implements LinkListener {
  private state: State;
  /** One function for all calls: there are many. */
  private readonly onCallFailure = (failure: unknown): void => {
    this.services.report(failure);
    this.refuse(GoodbyeReason.SERVER_ERROR, refuseFailed(failure).detail);
  };

  constructor(
    private readonly link: Link,
    private readonly services: StreamServices,
  ) {
    const { clock, limits } = services;
    const timer = clock.after(limits.helloTimeoutMs, () =>
      this.fault(ErrorCode.TIMEOUT, "the stream did not begin with a hello in time"),
    );
    this.state = { kind: "hello", timer };
  }

  onFrame(frame: Uint8Array): void {
    switch (this.state.kind) {
      case "hello":
        this.state.timer.cancel();
        return this.onFirst(frame);
      case "opening":
        return this.keepEarly(frame, this.state);
      case "live":
        return this.onLive(frame, this.state.session);
      case "closed":
        return;
    }
  }

  onClosed(): void {
    if (this.state.kind === "hello") this.state.timer.cancel();
    if (this.state.kind === "live") this.state.session.detach(this.link);
    this.state = { kind: "closed" };
  }

  private onFirst(bytes: Uint8Array): void {
    const frame = this.decode(bytes);
    if (frame?.$case === "hello") {
      this.state = { kind: "opening", early: [], bytes: 0 };
      this.open(frame.value).catch(this.services.report);
    } else if (frame !== undefined) {
      this.fault(ErrorCode.NOT_LOGGED_IN, "the first message of a stream must be a hello");
    }
  }

  private keepEarly(frame: Uint8Array, state: Extract<State, { kind: "opening" }>): void {
    const { callsInFlight, replayBytes } = this.services.limits;
    state.bytes += frame.length;
    if (state.early.length < callsInFlight && state.bytes <= replayBytes) state.early.push(frame);
    else this.fault(ErrorCode.RATE_LIMITED, "too much was sent before the welcome");
  }

  private async open(hello: Hello): Promise<void> {
    const { tracer } = this.services;
    const opened = await tracer.within(this.link.trace, () => this.traced(() => this.tryOpen(hello)));
    const { state } = this;
    if (opened instanceof Refusal) return this.refuse(GoodbyeReason.LOGIN_REFUSED, opened.detail);
    // The client went away while its login was under way: the session waits for it as for any other.
    if (state.kind !== "opening") return opened.detach(this.link);
    this.state = { kind: "live", session: opened };
    // What was sent before the welcome says nothing about what the client has of it.
    for (const frame of state.early) this.onSessionFrame(frame, opened);
  }

  private async traced(login: () => Promise<Session | Refusal>): Promise<Session | Refusal> {
    const { clock, tracer } = this.services;
    const startedAt = clock.monotonic();
    const opened = await login();
    const code = opened instanceof Refusal ? opened.detail.code : undefined;
    const outcome = code === undefined ? "OK" : errorTable[code].name;
    tracer.record({ name: "Login", ms: clock.monotonic() - startedAt, outcome, code });
    return opened;
  }

  private async tryOpen(hello: Hello): Promise<Session | Refusal> {
    try {
      return await this.services.login.open(hello, this.link, () => this.state.kind === "opening");
    } catch (failure) {
      this.services.report(failure);
      if (failure instanceof EngineUnavailable) return refuseFailed(failure);
      return refuse(ErrorCode.UNAVAILABLE, "the server cannot open sessions now; try again later");
    }
  }

  private onLive(bytes: Uint8Array, session: Session): void {
    if (session.usesLink(this.link)) this.services.login.confirm(session);
    this.onSessionFrame(bytes, session);
  }

  private onSessionFrame(bytes: Uint8Array, session: Session): void {
    // Another stream may have taken the session over, or it may have ended: what this one says does not count.
    if (!session.usesLink(this.link)) return;
    const retryAfterMs = session.rates.take("frames");
    if (retryAfterMs > 0) return this.refuseFlood(retryAfterMs);
    session.heard();
    const frame = this.decode(bytes);
    switch (frame?.$case) {
      case undefined:
        return;
      case "hello":
        return this.fault(ErrorCode.ALREADY_LOGGED_IN, "a stream has one hello; open another stream for another session");
      case "ack":
        return this.onAck(frame.value, session);
      case "ping":
        return session.pushControl({
          $case: "pong",
          value: { nonce: frame.value.nonce, serverTimeMs: this.services.clock.now() },
        });
      case "call":
        return this.onCall(frame.value, session);
    }
  }

  /** Whatever a frame is, it costs the server time that others need. */
  private refuseFlood(retryAfterMs: number): void {
    const { limits } = this.services;
    const { detail } = refuseOver(ErrorCode.RATE_LIMITED, limits, "frames", "too many messages came", { retryAfterMs });
    this.refuse(GoodbyeReason.RATE_LIMITED, detail);
  }

  private onAck(ack: Ack, session: Session): void {
    if (session.acknowledge(ack)) return;
    this.fault(ErrorCode.INVALID_ARGUMENT, "more was acknowledged than was sent", "ack");
  }

  private onCall(call: Call, session: Session): void {
    if (session.outbox.overflowing) return session.dropLink(GoodbyeReason.SLOW_CONSUMER);
    this.services.calls.take(call, session, this.onCallFailure);
  }

  private decode(bytes: Uint8Array): ConnectRequest["frame"] {
    const { limits } = this.services;
    if (bytes.length > limits.frameBytes) {
      const { detail } = refuseOver(ErrorCode.PAYLOAD_TOO_LARGE, limits, "frameBytes", "the message is too large");
      this.refuse(GoodbyeReason.PROTOCOL_ERROR, detail);
      return undefined;
    }
    const decoded = decodeStrict(ConnectRequest, bytes);
    if (!decoded.ok) {
      this.fault(ErrorCode.INVALID_ARGUMENT, `a message cannot be read: ${decoded.problem}`);
      return undefined;
    }
    if (decoded.value.frame === undefined)
      this.fault(ErrorCode.INVALID_ARGUMENT, "a message has no frame that this server knows", "frame");
    return decoded.value.frame;
  }

  private fault(code: ErrorCode, message: string, field = ""): void {
    this.refuse(GoodbyeReason.PROTOCOL_ERROR, refuse(code, message, { field }).detail);
  }

  /** Says why, and closes. A session that the stream had waits to be resumed. */
  private refuse(reason: GoodbyeReason, error: ErrorDetail): void {
    const { state, link } = this;
    if (state.kind === "closed") return;
    this.state = { kind: "closed" };
    if (state.kind === "live" && state.session.usesLink(link)) return state.session.dropLink(reason, { error });
    link.send(controlFrame({ $case: "goodbye", value: { reason, retryAfterMs: error.retryAfterMs, error } }), () => link.end());
    this.services.clock.after(goodbyePatienceMs, () => link.abort());
  }
}
