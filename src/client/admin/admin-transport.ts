import type { AldisError } from "../error.js";

/** Hears what a stream of the admin service brings. */
export interface AdminStreamListener {
  /** The server has let the caller in. */
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  /** The stream is over. Called once. */
  onClosed(error: AldisError): void;
}

/** The way to the admin service of a server. */
export interface AdminTransport {
  /** Calls a method by its path. Rejects with an `AldisError`. */
  call(path: string, request: Uint8Array): Promise<Uint8Array>;
  /** Opens a stream by its path. Gives what ends it; the listener then hears nothing more. */
  open(path: string, request: Uint8Array, listener: AdminStreamListener): () => void;
  /** Lets go of the connection. */
  close(): void;
}
