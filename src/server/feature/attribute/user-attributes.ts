import { AttributeChangeKind, type GetUserAttributesRequest } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../engine/engine.js";
import type { AttributeOwner, AttributeTimer, StoredAttributes } from "../../engine/ports/attribute-store.js";
import type { UserKey } from "../../engine/ports/keys.js";
import type { Clock } from "../../runtime.js";
import type { CallContext, Handlers, SessionContext } from "../call-context.js";
import type { Claim } from "../claim.js";
import { presenceLane } from "../live-session.js";
import { Refusal, refuse } from "../refusal.js";
import { refuseToWrite } from "../rights.js";
import type { UserTopics } from "../user-topics.js";
import type { UserWatches } from "../user-watches.js";
import { attributeSet, changeOf, endOf } from "./attribute-set.js";
import { neededTimer } from "./attribute-timer.js";
import { AttributeWatch } from "./attribute-watch.js";
import { type AttributeWriter, hasChanged, type Wish } from "./attribute-writer.js";

type UserAttributeOperations =
  | "setUserAttributes"
  | "updateUserAttributes"
  | "deleteUserAttributes"
  | "clearUserAttributes"
  | "getUserAttributes";

/** The attributes of users: each writes its own, and reads and watches those of all. */
export class UserAttributes {
  readonly handlers: Pick<Handlers, UserAttributeOperations> = {
    setUserAttributes: (context, { attributes, expectedRevision }) =>
      this.write(context, { kind: AttributeChangeKind.SET, set: attributes, expectedRevision }),
    updateUserAttributes: (context, { attributes, expectedRevision }) =>
      this.write(context, { kind: AttributeChangeKind.UPDATE, set: attributes, expectedRevision }),
    deleteUserAttributes: (context, { keys, expectedRevision }) =>
      this.write(context, { kind: AttributeChangeKind.DELETE, remove: keys, expectedRevision }),
    clearUserAttributes: (context, { expectedRevision }) =>
      this.write(context, { kind: AttributeChangeKind.CLEAR, expectedRevision }),
    getUserAttributes: (context, request) => (request.watch ? this.watch(context, request) : this.get(context, request)),
  };

  constructor(
    private readonly engine: Engine,
    private readonly writer: AttributeWriter,
    private readonly topics: UserTopics,
    private readonly watches: UserWatches<AttributeWatch>,
    private readonly clock: Clock,
    private readonly limits: Limits,
  ) {}

  /** A session is to begin with which the user's attributes end: those that a former session has left behind belong to it. */
  async hold(user: UserKey): Promise<void> {
    const { revision, timer } = await this.engine.attributes.read(ownerOf(user));
    if (revision > 0) await this.engine.attributes.setTimer(ownerOf(user), neededTimer(this.clock.now()), timer);
  }

  /** A session with which the user's attributes end is over, or others see it so. They stay if the user has a newer one. */
  async release({ user, epoch }: Claim): Promise<void> {
    const { timer } = await this.engine.attributes.read(ownerOf(user));
    const present = await this.engine.sessions.find(user);
    if (timer !== undefined && (present === undefined || present.epoch === epoch)) await this.end(user, timer);
  }

  /** A user who is away for a while is waited for: its session's own node knows when it is over. */
  async isNeeded(user: UserKey): Promise<boolean> {
    return (await this.engine.sessions.find(user)) !== undefined;
  }

  async idleAge(): Promise<number> {
    return this.limits.presenceGraceMs;
  }

  /** Forgets the attributes of a user if they still have this timer; those who watch hear of it. */
  async end(user: UserKey, timer: AttributeTimer): Promise<void> {
    const before = await this.engine.attributes.read(ownerOf(user));
    if (!(await this.engine.attributes.drop(ownerOf(user), timer)) || before.attributes.size === 0) return;
    const value = { userId: user.userId, change: changeOf(endOf(before, this.clock.now()), false) };
    await this.topics.publish(user, { $case: "attributes", value });
  }

  /** The writes of a session take effect in the order in which they were called. */
  private write({ session, user, rights }: SessionContext, wish: Wish): Promise<{ revision: number } | Refusal> {
    return session.inOrder("attributes", async () => {
      const refusal = refuseToWrite(rights);
      if (refusal !== undefined) return refusal;
      // A client that was away writes when what has ended meanwhile has ended.
      await session.inOrder(presenceLane, async () => {});
      const timer = session.endsAttributes ? neededTimer(this.clock.now()) : undefined;
      const written = await this.writer.write(ownerOf(user), wish, { userId: user.userId, timer });
      if (written instanceof Refusal) return written;
      if (hasChanged(written)) {
        const value = { userId: user.userId, change: changeOf(written, false) };
        await this.topics.publish(user, { $case: "attributes", value });
      }
      return { revision: written.after.revision };
    });
  }

  private async get({ user }: CallContext, { userId, keys }: GetUserAttributesRequest) {
    const stored = await this.read({ appId: user.appId, userId: userId || user.userId });
    return stored instanceof Refusal ? stored : { attributes: attributeSet(stored, keys) };
  }

  /** Reads behind the beginning of the watch, so no change falls between them. A user who is away may come, so it is watched too. */
  private async watch(context: CallContext, { userId, keys }: GetUserAttributesRequest) {
    const { session, user } = context;
    if (session === undefined) {
      return refuse(ErrorCode.NOT_LOGGED_IN, "a watch needs a live session: name it in the metadata aldis-session-id");
    }
    const watched = { appId: user.appId, userId: userId || user.userId };
    const watches = await this.watches.add(session, [watched.userId], () => new AttributeWatch(session));
    if (watches instanceof Refusal) return watches;
    const stored = await this.engine.attributes.read(ownerOf(watched));
    context.afterAnswer(() => watches.get(watched.userId)?.open(stored.revision));
    return { attributes: attributeSet(stored, keys) };
  }

  private async read(user: UserKey): Promise<StoredAttributes | Refusal> {
    const stored = await this.engine.attributes.read(ownerOf(user));
    if (stored.attributes.size > 0) return stored;
    const [presence] = await this.engine.sessions.presence([user]);
    if (presence !== undefined && presence.state !== PresenceState.OFFLINE) return stored;
    const message = `no attributes are kept for user "${user.userId}", who is offline`;
    return refuse(ErrorCode.USER_NOT_FOUND, message, { field: "user_id" });
  }
}

function ownerOf(user: UserKey): AttributeOwner {
  return { kind: "user", key: user };
}
