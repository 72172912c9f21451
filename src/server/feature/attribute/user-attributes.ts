import { AttributeChangeKind, type GetUserAttributesRequest } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { Engine } from "../../engine/engine.js";
import type { AttributeOwner, StoredAttributes } from "../../engine/ports/attribute-store.js";
import type { UserKey } from "../../engine/ports/keys.js";
import type { Clock } from "../../runtime.js";
import type { CallContext, Handlers, SessionContext } from "../call-context.js";
import { Refusal, refuse } from "../refusal.js";
import { refuseToWrite } from "../rights.js";
import type { UserTopics } from "../user-topics.js";
import type { UserWatches } from "../user-watches.js";
import { attributeSet, changeOf } from "./attribute-set.js";
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
  ) {}

  /** Forgets the attributes of a user whose session is over, if they were to end with it; those who watch hear of it. */
  async end(user: UserKey): Promise<void> {
    const owner: AttributeOwner = { kind: "user", key: user };
    const before = await this.engine.attributes.read(owner);
    if (before.revision === 0) return;
    await this.engine.attributes.drop(owner);
    if (before.attributes.size === 0) return;
    const after = { attributes: new Map(), revision: before.revision + 1 };
    const written = { kind: AttributeChangeKind.CLEAR, before, after, userId: "", atMs: this.clock.now() };
    const value = { userId: user.userId, change: changeOf(written, false) };
    await this.topics.publish(user, { $case: "attributes", value });
  }

  /** The writes of a session take effect in the order in which they were called. */
  private write({ session, user, rights }: SessionContext, wish: Wish): Promise<{ revision: number } | Refusal> {
    return session.inOrder("attributes", async () => {
      const refusal = refuseToWrite(rights);
      if (refusal !== undefined) return refusal;
      const written = await this.writer.write({ kind: "user", key: user }, wish, user.userId);
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

  /** Reads behind the beginning of the watch, so no change falls between them. */
  private async watch(context: CallContext, { userId, keys }: GetUserAttributesRequest) {
    const { session, user } = context;
    if (session === undefined) {
      return refuse(ErrorCode.NOT_LOGGED_IN, "a watch needs a live session: name it in the metadata aldis-session-id");
    }
    const watched = { appId: user.appId, userId: userId || user.userId };
    const wasWatched = this.watches.users(session).includes(watched.userId);
    const watches = await this.watches.add(session, [watched.userId], () => new AttributeWatch(session));
    if (watches instanceof Refusal) return watches;
    const stored = await this.read(watched);
    if (stored instanceof Refusal) {
      if (!wasWatched) this.watches.remove(session, [watched.userId]);
      return stored;
    }
    context.afterAnswer(() => watches.get(watched.userId)?.open(stored.revision));
    return { attributes: attributeSet(stored, keys) };
  }

  private async read(user: UserKey): Promise<StoredAttributes | Refusal> {
    const stored = await this.engine.attributes.read({ kind: "user", key: user });
    if (stored.attributes.size > 0) return stored;
    const [presence] = await this.engine.sessions.presence([user]);
    if (presence !== undefined && presence.state !== PresenceState.OFFLINE) return stored;
    const message = `no attributes are kept for user "${user.userId}", who is offline`;
    return refuse(ErrorCode.USER_NOT_FOUND, message, { field: "user_id" });
  }
}
