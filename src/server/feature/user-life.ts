import { WatchedEventKind } from "../../../gen/aldis/v1/admin_service.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { AttributeWatch } from "./attribute/attribute-watch.js";
import type { UserAttributes } from "./attribute/user-attributes.js";
import type { Claim } from "./claim.js";
import type { Happenings } from "./happenings.js";
import type { LiveSession } from "./live-session.js";
import type { PresenceSubscriptions } from "./presence/presence-subscriptions.js";
import type { PresenceSubscription } from "./presence/subscription.js";
import type { TraceRecorder } from "./trace.js";
import type { UserWatches } from "./user-watches.js";

/** What the coming and going of a user means for those who watch it, and for what belongs to its session. */
export class UserLife {
  constructor(
    private readonly presence: PresenceSubscriptions,
    private readonly attributes: UserAttributes,
    private readonly watches: readonly [UserWatches<PresenceSubscription>, UserWatches<AttributeWatch>],
    private readonly operators: { readonly happenings: Happenings; readonly trace: TraceRecorder },
  ) {}

  /** A user is about to have a new session. */
  async begin(user: UserKey, endsAttributes: boolean): Promise<void> {
    if (endsAttributes) await this.attributes.hold(user);
  }

  /** A user has come, by a login or back after it had left. */
  came(user: UserKey, how: string): void {
    this.operators.happenings.tell(WatchedEventKind.LOGIN, user);
    this.note(user, how);
  }

  /** A user has left: it has no session any more, or has been silent for long. */
  left(user: UserKey, why: string): void {
    this.operators.happenings.tell(WatchedEventKind.LOGOUT, user);
    this.note(user, why);
  }

  /** Something else happened to a user that an operator may want to know. */
  note({ appId, userId }: UserKey, text: string): void {
    this.operators.trace.note({ kind: "user", appId, id: userId }, text);
  }

  /** Others see another state of the user. */
  changed(user: UserKey): Promise<void> {
    return this.presence.tell(user);
  }

  /** Others see the user of a session as offline. To be called again if it fails. */
  async gone(session: Claim & Pick<LiveSession, "endsAttributes">): Promise<void> {
    await this.presence.tell(session.user);
    if (session.endsAttributes) await this.attributes.release(session);
  }

  /** A session is over: it watches nobody any more. */
  end(session: LiveSession): void {
    for (const watches of this.watches) watches.end(session);
  }
}
