import type { UserNotice } from "../../../gen/aldis/node/v1/node.js";
import { type Bus, type Subscription, userTopic } from "../engine/ports/bus.js";
import type { UserKey } from "../engine/ports/keys.js";
import { type EventEntry, eventEntry } from "../event-entry.js";
import type { Unfinished } from "./unfinished.js";

/** News of a user for those who watch it, encoded once for all of them. */
export interface UserNews {
  readonly kind: "presence" | "attributes";
  /** The version of the presence, or the revision of the attributes. */
  readonly version: number;
  readonly entry: EventEntry;
  /** True if it was read again, because something may have been missed: it need not be new. */
  readonly again: boolean;
}

/** What there is to say of users at present. */
export interface UserNewsReader {
  /** In the order asked. */
  presence(users: readonly UserKey[]): Promise<readonly UserNotice["notice"][]>;
  attributes(user: UserKey): Promise<UserNotice["notice"]>;
}

export interface Listening {
  /** Resolves when all later news will be heard. */
  readonly ready: Promise<unknown>;
  /** Nothing is heard any more. */
  stop(): void;
}

type Listener = (news: UserNews) => void;
type Kind = UserNews["kind"];

/** The topic of a user on which somebody here listens. */
interface UserTopic {
  readonly user: UserKey;
  readonly listeners: Readonly<Record<Kind, Set<Listener>>>;
  /** How much was heard of each kind. */
  readonly heard: Record<Kind, number>;
  readonly subscription: Promise<Subscription>;
}

/** How many users are read again at a time. */
const missedPerBatch = 100;

/** The topics of users: what happens to a user is always published, and heard while somebody on this node listens. */
export class UserTopics {
  private readonly topics = new Map<string, UserTopic>();
  /** The topics on which something may have been missed. */
  private readonly missed = new Set<UserTopic>();
  private reading = false;

  constructor(
    private readonly bus: Bus,
    private readonly reader: UserNewsReader,
    private readonly unfinished: Pick<Unfinished, "run">,
    private readonly report: (failure: unknown) => void,
  ) {}

  /** Tells all nodes. */
  publish(user: UserKey, notice: NonNullable<UserNotice["notice"]>): Promise<void> {
    return this.bus.publish(userTopic(user), { notice });
  }

  /** Begins to listen to one kind of news. The listener must not throw. */
  listen(user: UserKey, kind: Kind, listener: Listener): Listening {
    const { name } = userTopic(user);
    const topic = this.topics.get(name) ?? this.open(user);
    topic.listeners[kind].add(listener);
    return { ready: topic.subscription, stop: () => this.stop(name, topic, kind, listener) };
  }

  private open(user: UserKey): UserTopic {
    const published = userTopic(user);
    const subscription = this.bus.subscribe(
      published,
      ({ notice }) => this.hear(topic, notice),
      () => this.onInterrupted(topic),
    );
    const listeners = { presence: new Set<Listener>(), attributes: new Set<Listener>() };
    const topic: UserTopic = { user, listeners, heard: { presence: 0, attributes: 0 }, subscription };
    this.topics.set(published.name, topic);
    return topic;
  }

  private stop(name: string, topic: UserTopic, kind: Kind, listener: Listener): void {
    const { presence, attributes } = topic.listeners;
    if (!topic.listeners[kind].delete(listener) || presence.size + attributes.size > 0) return;
    this.topics.delete(name);
    this.missed.delete(topic);
    topic.subscription.then((subscription) => subscription.end()).catch(this.report);
  }

  private hear(topic: UserTopic, notice: UserNotice["notice"]): void {
    const news = newsOf(notice, false);
    if (news === undefined) return;
    topic.heard[news.kind] += 1;
    for (const listener of topic.listeners[news.kind]) listener(news);
  }

  private onInterrupted(topic: UserTopic): void {
    this.missed.add(topic);
    if (this.reading) return;
    this.reading = true;
    this.unfinished
      .run(() => this.readMissed())
      .catch(this.report)
      .finally(() => {
        this.reading = false;
      });
  }

  /** Reads what may have been missed. */
  private async readMissed(): Promise<void> {
    while (this.missed.size > 0) {
      const topics = [...this.missed].slice(0, missedPerBatch);
      for (const topic of topics) this.missed.delete(topic);
      try {
        await this.readBatch(topics);
      } catch (failure) {
        for (const topic of topics) if (this.topics.get(userTopic(topic.user).name) === topic) this.missed.add(topic);
        throw failure;
      }
    }
  }

  private async readBatch(topics: readonly UserTopic[]): Promise<void> {
    const of = (kind: Kind) => topics.filter(({ listeners }) => listeners[kind].size > 0);
    const [watched, written] = [of("presence"), of("attributes")];
    await this.readAgain("presence", watched, this.reader.presence(watched.map(({ user }) => user)));
    await this.readAgain("attributes", written, Promise.all(written.map(({ user }) => this.reader.attributes(user))));
  }

  private async readAgain(
    kind: Kind,
    topics: readonly UserTopic[],
    read: Promise<readonly UserNotice["notice"][]>,
  ): Promise<void> {
    const heard = topics.map((topic) => topic.heard[kind]);
    for (const [i, notice] of (await read).entries()) {
      const [topic, news] = [topics[i], newsOf(notice, true)];
      // What was heard meanwhile may be newer, and shows by its version that something was missed.
      if (topic === undefined || news === undefined || topic.heard[kind] !== heard[i]) continue;
      for (const listener of topic.listeners[kind]) listener(news);
    }
  }
}

function newsOf(notice: UserNotice["notice"], again: boolean): UserNews | undefined {
  switch (notice?.$case) {
    case "presence":
      // Each subscription has one of them in the queue at most.
      return { kind: "presence", version: notice.value.version, entry: eventEntry(notice, "essential"), again };
    case "attributes": {
      const entry = eventEntry({ $case: "userAttributes", value: notice.value }, "attributes");
      return { kind: "attributes", version: notice.value.change?.revision ?? 0, entry, again };
    }
    default:
      return undefined;
  }
}
