import type { Presence } from "../../../gen/aldis/v1/presence.js";
import { AutoSync } from "../auto-sync.js";
import type { Caller } from "../caller.js";
import type { Logger } from "../logger.js";
import type { CallOptions } from "../options.js";
import type { Runtime } from "../runtime.js";

export interface PresenceOptions {
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Told when a subscribed user came or went, also while there was no session. */
  readonly onPresence: (presence: Presence) => void;
}

/** Whom the client is told of. After a lost session it subscribes again by itself, and tells what changed meanwhile. */
export class PresenceSubscriptions {
  readonly #options: PresenceOptions;
  readonly #autoSync: AutoSync;
  readonly #known = new Map<string, Presence>();

  constructor(options: PresenceOptions) {
    const { runtime, logger } = options;
    this.#options = options;
    const complaint = "The client could not subscribe to presence again.";
    this.#autoSync = new AutoSync({ runtime, logger, complaint, sync: () => this.#restore() });
  }

  /** Subscribes. Gives the present states in the order asked; later changes come as `presence`. */
  async subscribe(userIds: readonly string[], options: CallOptions = {}): Promise<readonly Presence[]> {
    const request = { userIds: [...userIds] };
    const { presences } = await this.#options.caller.call("subscribePresence", request, options, (response) => {
      for (const presence of response.presences) this.#known.set(presence.userId, presence);
    });
    return presences;
  }

  /** Ends subscriptions. A user who is not subscribed to is no error. */
  async unsubscribe(userIds: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#options.caller.call("unsubscribePresence", { userIds: [...userIds] }, options, () => {
      for (const userId of userIds) this.#known.delete(userId);
    });
  }

  /** Asks the server whom the session has subscribed to, in the order of the subscriptions. */
  async list(options: CallOptions = {}): Promise<readonly string[]> {
    return (await this.#options.caller.call("listPresenceSubscriptions", {}, options)).userIds;
  }

  /** Takes an event. Late news of a user never overwrites newer. */
  take(presence: Presence): void {
    const known = this.#known.get(presence.userId);
    if (known === undefined || presence.version <= known.version) return;
    this.#note(known, presence);
  }

  /** The session is gone and a new one took its place. */
  sessionLost(): void {
    if (this.#known.size > 0) this.#autoSync.start();
  }

  /** The connection has ended for good. */
  end(): void {
    this.#autoSync.stop();
    this.#known.clear();
  }

  /** A server that began anew may count from an older version, so the answer is taken as it is. */
  async #restore(): Promise<void> {
    await this.#options.caller.call("subscribePresence", { userIds: [...this.#known.keys()] }, {}, ({ presences }) => {
      for (const presence of presences) {
        const known = this.#known.get(presence.userId);
        if (known !== undefined) this.#note(known, presence);
      }
    });
  }

  #note(known: Presence, presence: Presence): void {
    this.#known.set(presence.userId, presence);
    if (presence.state !== known.state) this.#options.onPresence(presence);
  }
}
