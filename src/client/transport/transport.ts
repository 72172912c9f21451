import type { ErrorCode } from "../../../gen/aldis/v1/error.js";

/** Why a link ended. */
export interface LinkProblem {
  /** A sentence for people. */
  readonly message: string;
  /** What the server or the transport said. Absent counts as `UNAVAILABLE`. */
  readonly code?: ErrorCode;
}

/** The client's end of one open stream. */
export interface Link {
  /** Sends an encoded `ConnectRequest`. Frames arrive in the order sent. Does nothing on a link that is closed. */
  send(frame: Uint8Array): void;
  /** Ends the stream. What has not been written yet may be lost. A second call does nothing. */
  close(): void;
}

/** Told of what happens on a link. Never called from inside `open`, `send` or `close`. */
export interface LinkListener {
  /** An encoded `ConnectResponse` has come. */
  onFrame(frame: Uint8Array): void;
  /** The link is over, by whichever side, or was never made. Called exactly once, and last. No problem: a regular end. */
  onClosed(problem: LinkProblem | undefined): void;
}

/** A way to open streams to a server: gRPC, WebSocket, or memory. */
export interface Transport {
  /** Opens a stream. Never throws; a failure is an `onClosed`. Frames may be sent at once. */
  open(listener: LinkListener): Link;
  /** The server does not take this client now: the next link is to go to another one, where there are several. */
  moveOn?(): void;
}
