import type { LogPosition } from "../engine/ports/channel-log.js";
import { type EventEntry, EventSegment } from "../event-entry.js";

/** The most messages of one run: what members have not taken of it does not count in their queues yet. */
const maxEvents = 512;

/** A message of a run, with what decides who gets it. */
export interface RunMessage {
  readonly place: LogPosition;
  readonly sender: string;
  readonly entry: EventEntry;
}

/** A member who reads messages from runs. */
export interface Follower {
  /** Takes the last message of a run, and follows the run from it on. False if it has taken it otherwise, and follows nothing. */
  follow(run: Run, message: RunMessage): boolean;
  /** Queues what the run has that it follows, and leaves it. Does nothing if it follows none. */
  drain(): void;
}

/** Messages of a channel, one behind the other without a gap, for all the members who are in step. Bounded. */
export class Run {
  private readonly messages: RunMessage[] = [];
  private readonly senders = new Set<string>();
  private bytes = 0;
  /** The last segment that was taken: members who flush together take the same. */
  private taken: { readonly from: number; readonly to: number; readonly segment: EventSegment } | undefined;

  /** A member calls `leave` when it has what it followed the run for. What a run has goes with one batch, of at most `maxBytes`. */
  constructor(
    private readonly maxBytes: number,
    readonly leave: (member: Follower) => void,
  ) {}

  get length(): number {
    return this.messages.length;
  }

  /** The place of the last message. Undefined without one. */
  get end(): LogPosition | undefined {
    return this.messages.at(-1)?.place;
  }

  /** True if a message is the next one, and there is room for it. */
  takes({ place, entry }: RunMessage): boolean {
    const { end } = this;
    if (end === undefined) return true;
    if (end.epoch !== place.epoch || end.offset + 1 !== place.offset) return false;
    return this.length < maxEvents && this.bytes + entry.bytes.length <= this.maxBytes;
  }

  append(message: RunMessage): void {
    this.messages.push(message);
    this.senders.add(message.sender);
    this.bytes += message.entry.bytes.length;
  }

  /** True if a user has sent one of the messages. */
  hasSender(userId: string): boolean {
    return this.senders.has(userId);
  }

  /** The messages from an index on, to the end. */
  from(index: number): readonly RunMessage[] {
    return this.messages.slice(index);
  }

  /** The same as events, shared by all who take just these. */
  segmentFrom(index: number): EventSegment {
    const { taken, length } = this;
    if (taken?.from === index && taken.to === length) return taken.segment;
    const segment = new EventSegment(this.from(index).map(({ entry }) => entry));
    this.taken = { from: index, to: length, segment };
    return segment;
  }
}
