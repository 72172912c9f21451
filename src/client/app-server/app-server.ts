import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Caller } from "../caller.js";
import { AldisError } from "../error.js";
import type { CallOptions } from "../options.js";

/**
 * The server of the application, to which the server forwards messages. A new session begins without its address; `send` finds
 * that out, and sets it again by itself.
 */
export class AppServer {
  readonly #caller: Caller;
  #settings: { readonly url: string; readonly signature: string } | undefined;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /**
   * Sets where messages go, and a text that goes there with each, unread. An empty URL removes it. Rejects with
   * `APP_SERVER_NOT_ALLOWED` if the operator does not allow the host.
   */
  async set(url: string, signature = "", options: CallOptions = {}): Promise<void> {
    await this.#caller.call("setAppServer", { url, signature }, options, () => {
      this.#settings = url === "" ? undefined : { url, signature };
    });
  }

  /**
   * Sends a text or bytes once, and resolves with the body of the answer. Messages that wait at the same time may overtake each
   * other. Rejects with `APP_SERVER_NOT_SET`, `_NOT_ALLOWED`, `_UNREACHABLE` or `_BAD_REPLY`.
   */
  async send(message: string | Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const send = () => this.#post(message, options);
    return send().catch(async (thrown: unknown) => {
      const settings = this.#settings;
      const isForgotten = thrown instanceof AldisError && thrown.code === ErrorCode.APP_SERVER_NOT_SET;
      if (settings === undefined || !isForgotten) throw thrown;
      await this.set(settings.url, settings.signature, options);
      return send();
    });
  }

  async #post(message: string | Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const content =
      typeof message === "string" ? { $case: "text" as const, value: message } : { $case: "binary" as const, value: message };
    return (await this.#caller.call("sendAppServerMessage", { content }, options)).reply;
  }
}
