import type { Engine } from "../engine/engine.js";
import { presentAsChange } from "../feature/attribute/attribute-set.js";
import type { AttributeWatch } from "../feature/attribute/attribute-watch.js";
import { UserAttributes } from "../feature/attribute/user-attributes.js";
import type { Happenings } from "../feature/happenings.js";
import { PresenceSubscriptions } from "../feature/presence/presence-subscriptions.js";
import { presenceHandlers } from "../feature/presence/query.js";
import type { PresenceSubscription } from "../feature/presence/subscription.js";
import type { TraceRecorder } from "../feature/trace.js";
import { UserLife } from "../feature/user-life.js";
import { type UserNewsReader, UserTopics } from "../feature/user-topics.js";
import { UserWatches } from "../feature/user-watches.js";
import type { Materials } from "./rooms.js";

/** Who watches whom: presence and the attributes of users. */
export function composeWatching(
  { engine, writer, clock, limits, unfinished, report }: Materials,
  operators: { readonly happenings: Happenings; readonly trace: TraceRecorder },
) {
  const topics = new UserTopics(engine.bus, newsReader(engine), unfinished, report);
  const subscriptions = new UserWatches<PresenceSubscription>("presence", topics, limits);
  const watches = new UserWatches<AttributeWatch>("attributes", topics, limits);
  const presence = new PresenceSubscriptions(engine, topics, subscriptions);
  const attributes = new UserAttributes(engine, writer, topics, watches, clock, limits);
  return {
    attributes,
    userLife: new UserLife(presence, attributes, [subscriptions, watches], operators),
    handlers: { ...presenceHandlers(engine), ...presence.handlers, ...attributes.handlers },
  };
}

function newsReader({ sessions, attributes }: Engine): UserNewsReader {
  return {
    async presence(users) {
      const records = await sessions.presence(users);
      return records.map((record, i) => ({ $case: "presence", value: { userId: users[i]?.userId ?? "", ...record } }));
    },
    async attributes(user) {
      const change = presentAsChange(await attributes.read({ kind: "user", key: user }));
      return { $case: "attributes", value: { userId: user.userId, change } };
    },
  };
}
