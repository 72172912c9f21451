import type { SubscribePresenceRequest } from "../../../../gen/aldis/v1/presence.js";
import type { Engine } from "../../engine/engine.js";
import type { UserKey } from "../../engine/ports/keys.js";
import type { Handlers, SessionContext } from "../call-context.js";
import { Refusal } from "../refusal.js";
import type { UserTopics } from "../user-topics.js";
import type { UserWatches } from "../user-watches.js";
import { readPresence } from "./query.js";
import { PresenceSubscription } from "./subscription.js";

type SubscriptionOperations = "subscribePresence" | "unsubscribePresence" | "listPresenceSubscriptions";

/** Who is told of whom: the changes are published by the nodes on which they happen, and heard by those that have subscribers. */
export class PresenceSubscriptions {
  readonly handlers: Pick<Handlers, SubscriptionOperations> = {
    subscribePresence: (context, request) => this.subscribe(context, request),
    unsubscribePresence: async ({ session }, { userIds }) => {
      this.watches.remove(session, userIds);
      return {};
    },
    listPresenceSubscriptions: async ({ session }) => ({ userIds: this.watches.users(session) }),
  };

  constructor(
    private readonly engine: Engine,
    private readonly topics: UserTopics,
    private readonly watches: UserWatches<PresenceSubscription>,
  ) {}

  /** Tells the subscribers the present state of a user. To be called after each change. */
  async tell(user: UserKey): Promise<void> {
    for (const value of await readPresence(this.engine, user.appId, [user.userId])) {
      await this.topics.publish(user, { $case: "presence", value });
    }
  }

  /** Reads behind the beginning of the subscriptions, so no change falls between them. */
  private async subscribe(context: SessionContext, { userIds }: SubscribePresenceRequest) {
    const { session, user } = context;
    const watches = await this.watches.add(session, userIds, () => new PresenceSubscription(session));
    if (watches instanceof Refusal) return watches;
    const presences = await readPresence(this.engine, user.appId, userIds);
    context.afterAnswer(() => {
      for (const { userId, version } of presences) watches.get(userId)?.open(version);
    });
    return { presences };
  }
}
