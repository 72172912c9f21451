import { UserNotice } from "../../../gen/aldis/node/v1/node.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import { encode } from "../encode.js";
import { type Bus, type Subscription, userTopic } from "../engine/ports/bus.js";
import type { UserKey } from "../engine/ports/keys.js";
import { type EventEntry, eventEntry } from "../event-entry.js";

/** News of a user for those who watch it, encoded once for all of them. */
export interface UserNews {
  readonly kind: "presence" | "attributes";
  /** The version of the presence, or the revision of the attributes. */
  readonly version: number;
  readonly entry: EventEntry;
}

export interface Listening {
  /** Resolves when all later news will be heard. */
  readonly ready: Promise<unknown>;
  /** Nothing is heard any more. */
  stop(): void;
}

interface Topic {
  readonly listeners: Set<(news: UserNews) => void>;
  readonly subscription: Promise<Subscription>;
}

/** The topics of users: what happens to a user is always published, and heard while somebody on this node listens. */
export class UserTopics {
  private readonly topics = new Map<string, Topic>();

  constructor(
    private readonly bus: Bus,
    private readonly report: (failure: unknown) => void,
  ) {}

  /** Tells all nodes. */
  publish(user: UserKey, notice: NonNullable<UserNotice["notice"]>): Promise<void> {
    return this.bus.publish(userTopic(user), encode(UserNotice, { notice }));
  }

  /** Begins to listen. The listener must not throw. */
  listen(user: UserKey, listener: (news: UserNews) => void): Listening {
    const name = userTopic(user);
    const topic = this.topics.get(name) ?? this.open(name);
    topic.listeners.add(listener);
    return { ready: topic.subscription, stop: () => this.stop(name, topic, listener) };
  }

  private open(name: string): Topic {
    const listeners: Topic["listeners"] = new Set();
    const topic = { listeners, subscription: this.bus.subscribe(name, (message) => this.spread(listeners, message)) };
    this.topics.set(name, topic);
    return topic;
  }

  private stop(name: string, topic: Topic, listener: (news: UserNews) => void): void {
    if (!topic.listeners.delete(listener) || topic.listeners.size > 0) return;
    this.topics.delete(name);
    topic.subscription.then((subscription) => subscription.end()).catch(this.report);
  }

  private spread(listeners: Topic["listeners"], message: Uint8Array): void {
    const decoded = decodeStrict(UserNotice, message);
    if (!decoded.ok) return this.report(new Error(`a node sent a notice of a user that cannot be read: ${decoded.problem}`));
    const news = newsOf(decoded.value.notice);
    if (news !== undefined) for (const listener of listeners) listener(news);
  }
}

function newsOf(notice: UserNotice["notice"]): UserNews | undefined {
  switch (notice?.$case) {
    case "presence":
      // Each subscription has one of them in the queue at most.
      return { kind: "presence", version: notice.value.version, entry: eventEntry(notice, "essential") };
    case "attributes": {
      const entry = eventEntry({ $case: "userAttributes", value: notice.value }, "attributes");
      return { kind: "attributes", version: notice.value.change?.revision ?? 0, entry };
    }
    default:
      return undefined;
  }
}
