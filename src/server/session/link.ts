import type { TraceParent } from "../observe/tracer.js";
import type { Frame } from "./frame.js";

/**
 * One open connection of a client, as a session sees it. Edges implement it: bytes out, and a word when they are written.
 * Sessions do not know sockets.
 */
export interface Link {
  /** The address of the peer, for operators. Empty if there is none. */
  readonly address: string;
  /** The trace that the client says that its login is in. Undefined for none. */
  readonly trace?: TraceParent;
  /**
   * Sends a frame. `written` is called when the next one may follow, never during this call; if the link ends
   * before, it may be called or not. Whoever has something that cannot wait may send it earlier: it is queued behind the present one.
   */
  send(frame: Frame, written: () => void): void;
  /** Ends the connection behind what was sent. */
  end(): void;
  /** Ends the connection at once; what was sent may be lost. Does nothing if it has ended. */
  abort(): void;
}

/** What an edge tells of a connection. */
export interface LinkListener {
  /** One message has come: bytes that should be an encoded ConnectRequest. */
  onFrame(frame: Uint8Array): void;
  /** The connection is over, whoever ended it. Called once; nothing follows. */
  onClosed(): void;
}
