import type { LogPosition } from "../engine/ports/channel-log.js";
import { EventSegment } from "../event-segment.js";
import type { PlacedEvent, PlacedEvents } from "./placed-events.js";

/** The most messages of one run: what members have not taken of it does not count in their queues yet. */
const maxEvents = 512;

/** A member who reads messages from runs. */
export interface Follower {
  /** Takes the last messages of a run, and follows the run from them on. False if it has taken them otherwise, and follows nothing. */
  follow(run: Run, events: PlacedEvents): boolean;
  /** Queues what the run has that it follows, and leaves it. Does nothing if it follows none. */
  drain(): void;
}

/** Messages of a channel, one behind the other without a gap, for all the members who are in step. Bounded. */
export class Run {
  /** As they came together. */
  private readonly parts: PlacedEvents[] = [];
  private readonly allSenders = new Set<string>();
  private events = 0;
  private bytes = 0;
  /** The segments up to the present end, by where they begin: members who take the same get the same one. */
  private readonly taken = new Map<number, EventSegment>();

  /** A member calls `leave` when it has what it followed the run for. What a run has goes with one batch, of at most `maxBytes`. */
  constructor(
    private readonly maxBytes: number,
    readonly leave: (member: Follower) => void,
  ) {}

  /** How often messages came. */
  get length(): number {
    return this.parts.length;
  }

  /** The place of the last message. Undefined without one. */
  get end(): LogPosition | undefined {
    return this.parts.at(-1)?.end;
  }

  /** True if messages are the next ones, and there is room for them. */
  takes({ place, piece }: PlacedEvents): boolean {
    const { end } = this;
    if (end === undefined) return true;
    if (end.epoch !== place.epoch || end.offset + 1 !== place.offset) return false;
    return this.events + piece.count <= maxEvents && this.bytes + piece.bytes.length <= this.maxBytes;
  }

  append(part: PlacedEvents): void {
    this.parts.push(part);
    for (const sender of part.senders) this.allSenders.add(sender);
    this.events += part.piece.count;
    this.bytes += part.piece.bytes.length;
    this.taken.clear();
  }

  /** Those who have sent one of the messages. */
  get senders(): ReadonlySet<string> {
    return this.allSenders;
  }

  /** What came from an index on, one by one. */
  eventsFrom(index: number): readonly PlacedEvent[] {
    return this.parts.slice(index).flatMap((part) => part.each);
  }

  /** The same together, shared by all who take just these. */
  segmentFrom(index: number): EventSegment {
    const known = this.taken.get(index);
    if (known !== undefined) return known;
    const segment = new EventSegment(this.parts.slice(index).map(({ piece }) => piece));
    this.taken.set(index, segment);
    return segment;
  }
}
