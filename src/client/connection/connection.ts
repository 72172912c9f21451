import { type ConnectionReason, ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type Drain, type Hello, SessionStart, type TokenWillExpire, type Welcome } from "../../../gen/aldis/v1/session.js";
import type { ConnectResponse, Event } from "../../../gen/aldis/v1/stream.js";
import type { OperationName, Operations } from "../../../gen/aldis/v1/tables/operations.js";
import { type AldisError, failure } from "../error.js";
import type { LoginOptions } from "../options.js";
import type { Runtime, Timer } from "../runtime.js";
import type { Transport } from "../transport/transport.js";
import { backOffMs } from "./backoff.js";
import type { CallStart, Outcome } from "./calls.js";
import { canceled, watchDeadline } from "./deadline.js";
import { Exchange } from "./exchange.js";
import { toFarewell } from "./goodbye.js";
import { Line, type LineOptions } from "./line.js";
import { type ConnectionEffect, type ConnectionInput, initialConnection, stepConnection } from "./machine.js";

/** Told of what happens on a connection. May call the connection from inside. */
export interface ConnectionListener {
  onState(state: ConnectionState, reason: ConnectionReason): void;
  /** A try to come back is planned: which one it is since the link was lost. */
  onComingBack(tries: number): void;
  /** The session is gone, and the welcome to another one is about to be told. Calls made from inside may go before others. */
  onSessionLost(): void;
  /** A session has begun or goes on. */
  onSession(start: SessionStart): void;
  onEvent(event: Event): void;
  onTokenWillExpire(notice: TokenWillExpire): void;
  /** The server did not take the token while reconnecting. */
  onTokenRefused(error: AldisError): void;
  onDrain(drain: Drain): void;
}

export interface ConnectionOptions {
  readonly runtime: Runtime;
  readonly transport: Transport;
  /** The time in milliseconds that a login, or one try to reconnect, may take. */
  readonly loginTimeoutMs: number;
  /** Makes the first message of a stream, without what is to be resumed. Rejects if there is no token. */
  readonly hello: () => Promise<Hello>;
}

/** The time in milliseconds for which a logout waits for the server. */
const LOGOUT_TIMEOUT_MS = 2_000;

/** Runs the machine of a connection: does what it asks for, and tells it what happens. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #exchange: Exchange;
  readonly #inputs: ConnectionInput[] = [];
  readonly #logoutWaiters: (() => void)[] = [];
  #closed = false;
  #running = false;
  #machine = initialConnection;
  #line: Line | undefined;
  /** When the welcome came, on the monotonic clock. Undefined without one: calls then wait. */
  #welcomedAt: number | undefined;
  #settleLogin: ((error: AldisError | undefined) => void) | undefined;
  #logoutTimer: Timer | undefined;
  #moveTimer: Timer | undefined;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#exchange = new Exchange(options.runtime, (event) => listener.onEvent(event));
  }

  get state(): ConnectionState {
    return this.#machine.state;
  }

  /** Empty if there is no session. */
  get sessionId(): string {
    return this.#exchange.session.id;
  }

  /** Resolves when the server has said welcome. Rejects with an `AldisError`. */
  login(options: LoginOptions): Promise<void> {
    const { timeoutMs = this.#options.loginTimeoutMs, maxTries = Number.POSITIVE_INFINITY, signal } = options;
    if (this.#closed) return Promise.reject(closed());
    if (this.state !== ConnectionState.DISCONNECTED || this.#settleLogin !== undefined) {
      return Promise.reject(failure(ErrorCode.ALREADY_LOGGED_IN, "Log out before the next login."));
    }
    if (signal?.aborted) return Promise.reject(canceled());
    return new Promise((resolve, reject) => {
      const unwatch = watchDeadline(this.#options.runtime.clock, { timeoutMs, signal }, ({ code }) =>
        this.#step({ kind: code === ErrorCode.TIMEOUT ? "loginTimedOut" : "loginCanceled" }),
      );
      this.#settleLogin = (error) => {
        this.#settleLogin = undefined;
        unwatch();
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#step({ kind: "loginAsked", maxTries });
    });
  }

  /** Resolves when the connection is `DISCONNECTED`. Never rejects. */
  logout(): Promise<void> {
    const done = new Promise<void>((resolve) => this.#logoutWaiters.push(resolve));
    this.#step({ kind: "logoutAsked" });
    return done;
  }

  /** Logs out, and fails everything from now on with `NOT_INITIALIZED`. Never rejects. */
  close(): Promise<void> {
    this.#closed = true;
    return this.logout();
  }

  /**
   * Starts a call. While reconnecting it waits for the link. `settle` is called once, perhaps from inside, and in step with
   * the events: before those that come after the result.
   */
  start<K extends OperationName>(
    operation: K,
    request: Operations[K]["request"],
    options: CallStart,
    settle: (outcome: Outcome<Operations[K]["response"]>) => void,
  ): () => void {
    const refusal = this.#refusal();
    if (refusal === undefined) return this.#exchange.start(operation, request, options, settle);
    settle({ ok: false, error: refusal });
    return () => {};
  }

  /** Why no call can be made now. */
  #refusal(): AldisError | undefined {
    const { state, loggingOut } = this.#machine;
    if (this.#closed) return closed();
    if (state === ConnectionState.CONNECTED && !loggingOut) return undefined;
    if (state === ConnectionState.RECONNECTING) return undefined;
    return failure(ErrorCode.NOT_LOGGED_IN, "Log in first.");
  }

  /** Runs to completion: an input that comes while one is being taken waits for its turn. */
  #step(input: ConnectionInput): void {
    this.#inputs.push(input);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const { machine, effects } = stepConnection(this.#machine, next);
      this.#machine = machine;
      for (const effect of effects) this.#run(effect);
    }
    this.#running = false;
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.kind) {
      case "connect":
        if (effect.elsewhere) this.#options.transport.moveOn?.();
        this.#connect(backOffMs(effect.failures, effect.minimumMs, this.#options.runtime.random()));
        break;
      case "disconnect":
        this.#disconnect();
        break;
      case "sendLogout":
        this.#sendLogout();
        break;
      case "settleLogin":
        this.#settleLogin?.(effect.error);
        break;
      case "settleLogout":
        for (const resolve of this.#logoutWaiters.splice(0)) resolve();
        break;
      case "tokenRefused":
        this.#listener.onTokenRefused(effect.error);
        break;
      case "transition":
        this.#onTransition(effect.state, effect.reason);
        break;
      case "comingBack":
        this.#listener.onComingBack(effect.tries);
        break;
    }
  }

  #connect(delayMs: number): void {
    const { runtime, transport, loginTimeoutMs, hello } = this.#options;
    const options: LineOptions = {
      clock: runtime.clock,
      transport,
      timeoutMs: loginTimeoutMs,
      hello: async () => ({ ...(await hello()), resume: this.#exchange.session.resume() }),
    };
    const line = new Line(options, delayMs, {
      onFrame: (frame, bytes) => this.#onFrame(frame, bytes, line),
      onClosed: (error) => this.#step({ kind: "linkClosed", error, lastedMs: this.#lastedMs() }),
    });
    this.#line = line;
  }

  #disconnect(): void {
    this.#line?.close();
    this.#line = undefined;
    this.#welcomedAt = undefined;
    this.#exchange.pause();
    this.#logoutTimer?.cancel();
    this.#moveTimer?.cancel();
    this.#moveTimer = undefined;
  }

  #sendLogout(): void {
    const giveUp = (): void => this.#step({ kind: "logoutGivenUp" });
    this.#logoutTimer = this.#options.runtime.clock.after(LOGOUT_TIMEOUT_MS, giveUp);
    this.#exchange.start("logout", {}, {}, (outcome) => {
      if (!outcome.ok) giveUp();
    });
  }

  #onTransition(state: ConnectionState, reason: ConnectionReason): void {
    this.#listener.onState(state, reason);
    if (state === ConnectionState.DISCONNECTED || state === ConnectionState.ABORTED) this.#exchange.end();
  }

  #onFrame(frame: ConnectResponse, bytes: number, line: Line): void {
    switch (frame.control?.$case) {
      case undefined:
        this.#exchange.receive(frame, bytes);
        break;
      case "welcome":
        this.#onWelcome(frame.control.value, line);
        break;
      case "tokenWillExpire":
        this.#listener.onTokenWillExpire(frame.control.value);
        break;
      case "drain":
        this.#onDrain(frame.control.value);
        break;
      case "goodbye":
        this.#step({ kind: "goodbye", goodbye: toFarewell(frame.control.value), lastedMs: this.#lastedMs() });
        break;
      case "pong":
        break;
    }
  }

  #onWelcome(welcome: Welcome, line: Line): void {
    if (this.#welcomedAt !== undefined) return;
    this.#welcomedAt = this.#options.runtime.clock.monotonic();
    const begun = this.#exchange.begin(welcome, line, (start) => {
      if (start !== SessionStart.RESUMED) this.#listener.onSessionLost();
      this.#step({ kind: "welcomed" });
      this.#listener.onSession(start);
    });
    if (begun) return;
    const error = failure(ErrorCode.UNAVAILABLE, "The server has counted what the client did not receive.");
    this.#step({ kind: "linkClosed", error, lastedMs: 0 });
  }

  #onDrain(drain: Drain): void {
    const waitMs = this.#options.runtime.random() * Math.min(drain.spreadMs, drain.deadlineMs);
    this.#moveTimer ??= this.#options.runtime.clock.after(waitMs, () => this.#step({ kind: "moveDue" }));
    this.#listener.onDrain(drain);
  }

  /** The time in milliseconds since the welcome. 0 without one. */
  #lastedMs(): number {
    return this.#welcomedAt === undefined ? 0 : this.#options.runtime.clock.monotonic() - this.#welcomedAt;
  }
}

function closed(): AldisError {
  return failure(ErrorCode.NOT_INITIALIZED, "The client is closed.");
}
