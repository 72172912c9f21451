import type { Happening } from "../../../gen/aldis/node/v1/node.js";
import { type WatchEventsResponse, WatchedEventKind } from "../../../gen/aldis/v1/admin_service.js";
import { type Bus, happeningsTopic, type Subscription } from "../engine/ports/bus.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { Clock } from "../runtime.js";

/** How many happenings of each app are remembered for watchers who come back or are slow: about 1 MB. */
export const happeningsMax = 10_000;

/** The happenings of one app, numbered from 1 in the order in which this node heard them. */
interface Record {
  readonly happenings: Happening[];
  /** The number of the first one that is remembered. */
  first: number;
  readonly listeners: Set<() => void>;
}

/** What a watcher takes next. */
export interface WatchedPage {
  readonly events: readonly WatchEventsResponse[];
  /** Where the next page begins. */
  readonly next: number;
}

/** Logins, logouts, joins and leaves: told to all nodes, and remembered by each for those who watch an app. */
export class Happenings {
  private readonly records = new Map<string, Record>();
  private subscription: Promise<Subscription> | undefined;

  constructor(
    private readonly bus: Bus,
    /** A name of this memory that no other has, so that a mark of another node or run is known as such. */
    private readonly name: string,
    private readonly clock: Clock,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.subscription = this.bus.subscribe(
      happeningsTopic,
      (happening) => this.hear(happening),
      () => this.onInterrupted(),
    );
    this.subscription.catch(this.report);
  }

  stop(): void {
    this.subscription?.then((subscription) => subscription.end()).catch(this.report);
  }

  /** Something happened to a user. `channel` is empty but for joins and leaves. */
  tell(kind: WatchedEventKind, { appId, userId }: UserKey, channel = ""): void {
    const happening = { appId, kind, userId, channel, serverTimeMs: this.clock.now() };
    this.bus.publish(happeningsTopic, happening).catch(this.report);
  }

  /** Where a watcher begins: behind its mark, or at the present. Undefined for the mark of another memory: a hole. */
  placeOf(appId: string, mark: string): number | undefined {
    const present = this.presentOf(appId);
    if (mark === "") return present;
    const [name, number] = mark.split(".");
    const next = Number(number) + 1;
    return name === this.name && next > 0 && next <= present ? next : undefined;
  }

  /** The number of the next happening of an app. */
  presentOf(appId: string): number {
    const record = this.recordOf(appId);
    return record.first + record.happenings.length;
  }

  /** Some happenings from a place on, with a hole first if those there are forgotten. */
  read(appId: string, place: number, limit: number): WatchedPage {
    const { first, happenings } = this.recordOf(appId);
    const begin = Math.max(place, first);
    const page = happenings.slice(begin - first, begin - first + limit);
    const events = page.map(({ kind, userId, channel, serverTimeMs }, i) => {
      return { kind, userId, channel, serverTimeMs, resumeToken: this.markOf(begin + i) };
    });
    return { events: begin > place ? [this.gap(begin), ...events] : events, next: begin + page.length };
  }

  /** The event that says that happenings in front of a place are missing. */
  gap(place: number): WatchEventsResponse {
    const resumeToken = this.markOf(place - 1);
    return { kind: WatchedEventKind.GAP, userId: "", channel: "", serverTimeMs: this.clock.now(), resumeToken };
  }

  /** Begins to tell that there is something new. The listener must not throw. Gives what ends it. */
  listen(appId: string, listener: () => void): () => void {
    const { listeners } = this.recordOf(appId);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  private markOf(number: number): string {
    return `${this.name}.${number}`;
  }

  private hear(happening: Happening): void {
    this.add(this.recordOf(happening.appId), happening);
  }

  /** Happenings may have been lost: those who watch are told of a hole. */
  private onInterrupted(): void {
    const hole = { kind: WatchedEventKind.GAP, userId: "", channel: "", serverTimeMs: this.clock.now() };
    for (const [appId, record] of this.records) this.add(record, { appId, ...hole });
  }

  private add(record: Record, happening: Happening): void {
    record.happenings.push(happening);
    if (record.happenings.length >= 2 * happeningsMax) {
      record.first += happeningsMax;
      record.happenings.splice(0, happeningsMax);
    }
    for (const listener of record.listeners) listener();
  }

  private recordOf(appId: string): Record {
    const known = this.records.get(appId) ?? { happenings: [], first: 1, listeners: new Set() };
    this.records.set(appId, known);
    return known;
  }
}
