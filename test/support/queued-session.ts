// A session whose queue is a list, and has as much room as a test gives it.

import type { Capability } from "../../gen/aldis/v1/session.js";
import { ConnectResponse, type Event } from "../../gen/aldis/v1/stream.js";
import type { EventEntry } from "../../src/server/event-entry.js";
import type { EventSegment } from "../../src/server/event-segment.js";
import type { EventFeed, Fate, LiveSession, Membership } from "../../src/server/feature/live-session.js";
import { Lanes } from "../../src/server/session/lanes.js";
import { entriesOf } from "./event-segment.js";

export class QueuedSession implements LiveSession {
  readonly id: string;
  readonly user: LiveSession["user"];
  readonly epoch = 1;
  readonly capabilities = new Set<Capability>();
  readonly memberships = new Map<string, Membership>();
  readonly events: NonNullable<Event["event"]>[] = [];
  /** What each entry that was taken waits for. */
  readonly settlers: ((fate: Fate) => void)[] = [];
  /** What hears that an entry goes to the client, which never happens by itself. */
  readonly senders: (() => void)[] = [];
  endsAttributes = false;
  ended = false;
  /** The number of entries that the queue takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  private readonly lanes = new Lanes();

  constructor(userId: string) {
    this.id = `session-of-${userId}`;
    this.user = { appId: "app", userId };
  }

  push({ bytes }: EventEntry, settled: (fate: Fate) => void = () => {}, sent: () => void = () => {}): boolean {
    if (this.room <= 0) {
      settled("refused");
      return false;
    }
    this.room -= 1;
    this.settlers.push(settled);
    this.senders.push(sent);
    for (const { event } of ConnectResponse.decode(bytes).events) if (event !== undefined) this.events.push(event);
    return true;
  }

  pushSegment(segment: EventSegment): boolean {
    if (this.room < segment.count) return false;
    for (const entry of entriesOf(segment.pieces)) this.push(entry);
    return true;
  }

  follow(feed: EventFeed): void {
    feed.drain();
  }

  /** What waits for room. */
  readonly roomTasks: (() => void)[] = [];

  whenRoom(task: () => void): void {
    this.roomTasks.push(task);
  }

  inOrder<T>(key: string, task: () => Promise<T>): Promise<T> {
    return this.lanes.run(key, task);
  }

  overlapping<T>(key: string, task: (begun: () => void) => Promise<T>): Promise<T> {
    return this.lanes.overlap(key, task);
  }
}
