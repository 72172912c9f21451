import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { AldisClient } from "../../client.js";
import { failure } from "../../error.js";
import type { RtmContext } from "./context.js";
import type { EventEmitter } from "./event-emitter.js";
import type { RtmClientEvents } from "./rtm-events.js";

/** The time in milliseconds for a renewal. */
const TIMEOUT_MS = 10_000;

/** Renews the token, and tells once that it has expired. */
export class TokenWatch {
  readonly #context: RtmContext;
  readonly #emitter: EventEmitter<RtmClientEvents>;
  #isToldExpired = false;

  constructor(context: RtmContext, emitter: EventEmitter<RtmClientEvents>) {
    this.#context = context;
    this.#emitter = emitter;
  }

  /** Hears of the token of a login. */
  listen(client: AldisClient): void {
    this.#isToldExpired = false;
    client.on("tokenWillExpire", ({ expired }) => {
      if (!expired) this.#context.tell(this.#emitter, "TokenPrivilegeWillExpire");
    });
    client.on("tokenExpired", () => {
      if (!this.#isToldExpired) this.#context.tell(this.#emitter, "TokenExpired");
      this.#isToldExpired = true;
    });
  }

  /** Goes on with a new token, also in a reconnect that waits for one. */
  renew(token: string): Promise<void> {
    return this.#context.call("RTM_RENEW_TOKEN", TIMEOUT_MS, async (client, options) => {
      if (typeof token !== "string" || token === "") throw failure(ErrorCode.INVALID_ARGUMENT, "A token is needed.");
      await client.renewToken(token, options);
      this.#isToldExpired = false;
    });
  }
}
