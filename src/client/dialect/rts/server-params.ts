import type { CallbackQueue } from "../shared/callback-queue.js";
import type { RTSDelegate } from "./delegate.js";
import { sendAndTell } from "./sending.js";
import type { Session } from "./session.js";

/** The address of the application server, for each session. */
export class ServerParams {
  readonly #queue: CallbackQueue;
  readonly #delegate: RTSDelegate;
  readonly #values = new WeakMap<Session, { readonly signature: string; readonly url: string }>();

  constructor(queue: CallbackQueue, delegate: RTSDelegate) {
    this.#queue = queue;
    this.#delegate = delegate;
  }

  /** Sets the address for a session, and tells the result. Without a session it fails. */
  set(session: Session | undefined, signature: string, url: string): void {
    if (session !== undefined) this.#values.set(session, { signature, url });
    sendAndTell(this.#queue, {
      table: "RTS_SERVER_PARAMS",
      session,
      send: ({ client }, onSettled) => client.appServer.set(url, signature, { onSettled }),
      onResult: (result) => this.#delegate.onServerParamsSetResult?.(result),
    });
  }

  /** Sets the address again, if there is one: a session that was lost took it with it. */
  setAgain(session: Session): void {
    const values = this.#values.get(session);
    if (values !== undefined) this.set(session, values.signature, values.url);
  }
}
