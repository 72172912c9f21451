import { type PlacedMessage, userOf } from "../journal.js";

/** Where a member begins to read a channel. */
export interface Reading {
  readonly epoch: string;
  /** The last place that is not read any more. */
  readonly from: number;
  readonly receivesOwn: boolean;
}

/** A part of a channel that a member reads without a break: from a join, or from a gap that nobody can measure. */
interface Stretch {
  readonly who: string;
  readonly channel: string;
  readonly receivesOwn: boolean;
  readonly epoch: string;
  readonly begunAt: number;
  /** The last place before the stretch. Undefined until the first message says it. */
  from: number | undefined;
  /** Places that were heard, or told to be missing. */
  readonly settled: Set<number>;
  /** False once the member has left, or reads another stretch. */
  open: boolean;
}

/** A message that a member should have heard. */
export interface Loss extends PlacedMessage {
  readonly who: string;
  readonly channel: string;
}

interface Known extends PlacedMessage {
  readonly at: number;
}

/** Knows what is at each place of each channel, and what each member has heard or was told to have missed. */
export class ChannelPlaces {
  /** By channel: the messages that anybody knows of, by epoch and place. */
  readonly #known = new Map<string, Map<string, Known>>();
  /** By channel: its epochs, in the order in which anybody has heard of them. */
  readonly #epochs = new Map<string, Set<string>>();
  readonly #present = new Map<string, Stretch>();
  readonly #all: Stretch[] = [];

  /** Somebody knows what is at a place. */
  learn(channel: string, placed: PlacedMessage, at: number): void {
    this.#noteEpoch(channel, placed.epoch);
    const known = this.#known.get(channel) ?? new Map<string, Known>();
    this.#known.set(channel, known);
    const key = `${placed.epoch} ${placed.offset}`;
    if (!known.has(key)) known.set(key, { ...placed, at });
  }

  /** The client is a member, or one again: then it goes on with its stretch. */
  join(who: string, channel: string, reading: Reading, at: number): void {
    const key = `${who} ${channel}`;
    if (!this.#present.has(key)) this.#begin({ who, channel, ...reading, begunAt: at });
  }

  hear(who: string, channel: string, placed: PlacedMessage, at: number): void {
    this.learn(channel, placed, at);
    const stretch = this.#present.get(`${who} ${channel}`);
    if (stretch?.epoch !== placed.epoch) return;
    stretch.from ??= placed.offset - 1;
    stretch.settled.add(placed.offset);
  }

  /** The member is told that places are missing. */
  tellGap(who: string, channel: string, first: number, last: number): void {
    const stretch = this.#present.get(`${who} ${channel}`);
    for (let place = first; place <= last; place += 1) stretch?.settled.add(place);
  }

  /** The member is told that messages are missing, and nobody can say which. It goes on in another epoch. */
  tellNewEpoch(who: string, channel: string, epoch: string, from: number | undefined, at: number): void {
    const stretch = this.#present.get(`${who} ${channel}`);
    if (stretch === undefined || stretch.epoch === epoch) return;
    stretch.open = false;
    this.#begin({ who, channel, epoch, from, receivesOwn: stretch.receivesOwn, begunAt: at });
  }

  leave(who: string, channel: string): void {
    const stretch = this.#present.get(`${who} ${channel}`);
    if (stretch !== undefined) stretch.open = false;
    this.#present.delete(`${who} ${channel}`);
  }

  /** What members should have heard by now, and have not, and do not know of. */
  *losses(): Generator<Loss> {
    for (const stretch of this.#all) {
      const end = stretch.open ? Number.POSITIVE_INFINITY : Math.max(0, ...stretch.settled);
      for (const known of this.#known.get(stretch.channel)?.values() ?? []) {
        if (known.sender === userOf(stretch.who) && !stretch.receivesOwn) continue;
        const { who, channel } = stretch;
        if (this.#isMissing(stretch, known, end)) yield { ...known, who, channel };
      }
    }
  }

  #isMissing(stretch: Stretch, { epoch, offset, at }: Known, end: number): boolean {
    // A member that still reads a former epoch hears nothing of the present one. Of the former one a sender may learn later.
    if (epoch !== stretch.epoch) return stretch.open && at > stretch.begunAt && this.#isLater(stretch, epoch);
    return offset > (stretch.from ?? end) && offset <= end && !stretch.settled.has(offset);
  }

  #isLater({ channel, epoch }: Stretch, other: string): boolean {
    const epochs = [...(this.#epochs.get(channel) ?? [])];
    return epochs.indexOf(other) > epochs.indexOf(epoch);
  }

  #noteEpoch(channel: string, epoch: string): void {
    this.#epochs.set(channel, (this.#epochs.get(channel) ?? new Set<string>()).add(epoch));
  }

  #begin(stretch: Omit<Stretch, "settled" | "open">): void {
    this.#noteEpoch(stretch.channel, stretch.epoch);
    const begun = { ...stretch, settled: new Set<number>(), open: true };
    this.#present.set(`${stretch.who} ${stretch.channel}`, begun);
    this.#all.push(begun);
  }
}
