import type { CallOptions } from "../options.js";
import type { InviteOptions, OutgoingInvitation } from "./outgoing-invitation.js";
import type { AnyInvitation, Switchboard } from "./switchboard.js";

/** Calls to other users, and from them. Those from them are told by the client's `invitation`. */
export class Invitations {
  readonly #switchboard: Switchboard;

  constructor(switchboard: Switchboard) {
    this.#switchboard = switchboard;
  }

  /** Makes an invitation of a user. Nothing is sent before its `send`, so listeners can be added first. */
  invite(callee: string, options: InviteOptions = {}): OutgoingInvitation {
    return this.#switchboard.invite(callee, options);
  }

  /** Those that live, as far as the client knows: sent or received, and not over. The oldest first. */
  live(): readonly AnyInvitation[] {
    return this.#switchboard.live();
  }

  /**
   * Asks the server what lives. What rings and was not known is told by the client's `invitation`. The client does this by
   * itself when a new session takes the place of a lost one, if it knows of live invitations.
   */
  sync(options: CallOptions = {}): Promise<void> {
    return this.#switchboard.sync(options);
  }
}
