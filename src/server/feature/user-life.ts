import type { UserKey } from "../engine/ports/keys.js";
import type { AttributeWatch } from "./attribute/attribute-watch.js";
import type { UserAttributes } from "./attribute/user-attributes.js";
import type { LiveSession } from "./live-session.js";
import type { PresenceSubscriptions } from "./presence/presence-subscriptions.js";
import type { PresenceSubscription } from "./presence/subscription.js";
import type { UserWatches } from "./user-watches.js";

/** What the coming and going of a user means for those who watch it, and for what belongs to its session. */
export class UserLife {
  constructor(
    private readonly presence: PresenceSubscriptions,
    private readonly attributes: UserAttributes,
    private readonly watches: readonly [UserWatches<PresenceSubscription>, UserWatches<AttributeWatch>],
  ) {}

  /** Others see another state of the user. */
  changed(user: UserKey): Promise<void> {
    return this.presence.tell(user);
  }

  /** Others see the user of a session as offline. */
  async gone(session: LiveSession): Promise<void> {
    await this.presence.tell(session.user);
    if (session.endsAttributes) await this.attributes.end(session.user);
  }

  /** A session is over: it watches nobody any more. */
  end(session: LiveSession): void {
    for (const watches of this.watches) watches.end(session);
  }
}
