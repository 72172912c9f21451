import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Hello } from "../../../gen/aldis/v1/session.js";
import { ConnectRequest, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import { defaultLimits, type Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import { type AldisError, failure, messageOf } from "../error.js";
import type { Clock, Timer } from "../runtime.js";
import type { Link, LinkProblem, Transport } from "../transport/transport.js";
import { IdleTimer } from "./idle-timer.js";

/** Told of what comes on a line. Nothing is told after `Line.close`. */
export interface LineListener {
  /** A message of the given size on the wire has come. */
  onFrame(frame: ConnectResponse, bytes: number): void;
  /** The line is over. Called at most once, and last. */
  onClosed(error: AldisError): void;
}

export interface LineOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  /** The time in milliseconds from the opening to the welcome. */
  readonly timeoutMs: number;
  /** Makes the first message. Rejects if there is no token. */
  readonly hello: () => Promise<Hello>;
}

/** A client gives a silent server up before the server does it the other way round. */
const PATIENCE = 4 / 5;

/** One try to have a link: the wait before it, the hello, the heartbeat, and its end. */
export class Line {
  readonly #options: LineOptions;
  readonly #listener: LineListener;
  readonly #heartbeat: IdleTimer;
  readonly #silence: IdleTimer;
  /** The wait before the try, then the time that is left for the welcome. */
  #timer: Timer;
  #link: Link | undefined;
  #closed = false;
  #pings = 0;

  constructor(options: LineOptions, delayMs: number, listener: LineListener) {
    this.#options = options;
    this.#listener = listener;
    this.#heartbeat = new IdleTimer(options.clock, () => this.#ping());
    this.#silence = new IdleTimer(options.clock, () => this.#giveUp("The server has been silent for too long."));
    this.#timer = options.clock.after(delayMs, () => this.#begin());
  }

  /** The server has said welcome: the heartbeat begins. */
  welcomed(limits: Limits): void {
    this.#timer.cancel();
    this.#heartbeat.start(limits.heartbeatIntervalMs);
    this.#silence.start(limits.silenceTimeoutMs * PATIENCE);
  }

  /** Sends a frame that is encoded already. Does nothing before the link is open and after its end. */
  send(frame: Uint8Array): void {
    this.#heartbeat.touch();
    this.#link?.send(frame);
  }

  /** Ends the line without telling the listener. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer.cancel();
    this.#heartbeat.stop();
    this.#silence.stop();
    this.#link?.close();
    this.#link = undefined;
  }

  #begin(): void {
    const { clock, timeoutMs, hello } = this.#options;
    this.#timer = clock.after(timeoutMs, () => this.#giveUp("No welcome in time."));
    hello().then(
      (message) => this.#open(message),
      (thrown: unknown) => this.#end(failure(ErrorCode.INVALID_TOKEN, `The token source failed: ${messageOf(thrown)}`)),
    );
  }

  #open(hello: Hello): void {
    if (this.#closed) return;
    this.#silence.start(defaultLimits.silenceTimeoutMs * PATIENCE);
    this.#link = this.#options.transport.open({
      onFrame: (frame) => this.#receive(frame),
      onClosed: (problem) => this.#end(errorOf(problem)),
    });
    this.send(ConnectRequest.encode({ frame: { $case: "hello", value: hello } }).finish());
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#silence.touch();
    const frame = decodeStrict(ConnectResponse, bytes);
    if (frame.ok) this.#listener.onFrame(frame.value, bytes.length);
    else this.#giveUp(`The server sent what is no message: ${frame.problem}.`);
  }

  #ping(): void {
    this.#pings += 1;
    this.send(ConnectRequest.encode({ frame: { $case: "ping", value: { nonce: this.#pings } } }).finish());
  }

  #giveUp(message: string): void {
    this.#end(failure(ErrorCode.UNAVAILABLE, message));
  }

  #end(error: AldisError): void {
    if (this.#closed) return;
    this.close();
    this.#listener.onClosed(error);
  }
}

function errorOf(problem: LinkProblem | undefined): AldisError {
  return failure(problem?.code ?? ErrorCode.UNAVAILABLE, problem?.message ?? "The server ended the stream.");
}
