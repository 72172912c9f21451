import type { ChannelGap } from "../../../gen/aldis/v1/channel.js";
import type { LogPosition, LogRecord } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import { type EventEntry, eventEntry } from "../event-entry.js";
import { channelMessagePieces } from "../event-piece.js";
import type { EventFeed, LiveSession, Membership } from "../feature/live-session.js";
import type { PlacedEvents } from "./placed-events.js";
import type { Follower, Run } from "./run.js";

/** Held entries above this number become a told gap: a join takes moments, so more say that the engine is stuck. */
const heldMax = 1000;

/**
 * One session in one channel. Keeps its place in the channel, so that each message is queued once and in order, and what cannot
 * be queued becomes a told gap: `no-silent-loss`, `no-duplicate`, `channel-order`.
 */
export class RoomMembership implements Membership, Follower, EventFeed {
  /** What came before `open`. Undefined once open. */
  private held: (() => void)[] | undefined = [];
  /** The last message that came before `open` when no more could be held. */
  private notHeld: LogPosition | undefined;
  /** Everything up to here was queued, or is in `missed`. */
  private place: LogPosition = { epoch: "", offset: 0 };
  /** The messages that were not queued, which is still to be told. Undefined if there are none. */
  private missed: ChannelGap["gap"];
  /** True if members may have come or gone, which is still to be told. */
  private missedMembers = false;
  /** The newest change of the attributes, if it could not be queued: its revision tells that others are missing. */
  private missedAttributes: EventEntry | undefined;
  /** The run that it follows, which has all that lies behind `place`, and the index of the first message there. */
  private run: Run | undefined;
  private from = 0;
  /** The number of members that the client was told last. */
  private countTold: number | undefined;
  /** True while a number of members waits to be sent: a newer one waits behind it, so there is never a second one. */
  private countQueued = false;
  /** The sender whose messages it does not get: its own user. Undefined if it gets those too. */
  private readonly unheard: string | undefined;

  constructor(
    readonly session: LiveSession,
    readonly channel: ChannelKey,
    receiveOwn: boolean,
  ) {
    this.unheard = receiveOwn ? undefined : session.user.userId;
  }

  open(head: LogPosition, recovered: readonly LogRecord[]): void {
    const { epoch } = head;
    this.place = { epoch, offset: (recovered[0]?.offset ?? head.offset + 1) - 1 };
    const held = this.held ?? [];
    this.held = undefined;
    const entries = channelMessagePieces(recovered, this.place.offset + 1).flatMap((piece) => piece.entries);
    for (const [index, entry] of entries.entries()) {
      const { offset, sender } = recovered[index] as LogRecord;
      this.deliver({ epoch, offset }, sender, entry);
    }
    for (const deliver of held) deliver();
    if (this.notHeld !== undefined) this.passTo(this.notHeld);
    this.tellMissed();
  }

  /** Offers a message of the channel, as its topic brings it. A new epoch says that the log of the one before is gone. */
  offerMessage(place: LogPosition, sender: string, entry: EventEntry): void {
    if (this.held === undefined) this.deliver(place, sender, entry);
    else if (this.held.length < heldMax) this.held.push(() => this.deliver(place, sender, entry));
    else this.notHeld = place;
  }

  follow(run: Run, events: PlacedEvents): boolean {
    if (!this.isInStep(events.place) || this.hasOwn(events.senders)) {
      for (const { place, sender, entry } of events.each) this.offerMessage(place, sender, entry);
      return false;
    }
    this.run = run;
    this.from = run.length - 1;
    this.session.follow(this);
    return true;
  }

  drain(): void {
    const { run, from } = this;
    if (run === undefined) return;
    this.run = undefined;
    run.leave(this);
    if (!this.hasOwn(run.senders) && this.session.pushSegment(run.segmentFrom(from))) this.place = run.end ?? this.place;
    else for (const { place, sender, entry } of run.eventsFrom(from)) this.deliver(place, sender, entry);
  }

  /** Messages up to a place cannot be had any more. */
  offerHole(place: LogPosition): void {
    this.drain();
    const tell = () => {
      this.passTo(place);
      this.tellMissed();
    };
    if (this.held === undefined) tell();
    else this.held.push(tell);
  }

  /** Notices about members may have been lost. */
  missMembers(): void {
    this.drain();
    this.missedMembers = true;
    this.tellMissed();
  }

  /** Offers a notice about a member. Nobody is told of itself. */
  offerNotice(userId: string, entry: EventEntry): void {
    if (userId === this.session.user.userId) return;
    if (this.held === undefined) this.deliverNotice(entry);
    else if (this.held.length < heldMax) this.held.push(() => this.deliverNotice(entry));
    else this.missedMembers = true;
  }

  /** Offers a change of the attributes. */
  offerAttributes(entry: EventEntry): void {
    if (this.held === undefined) this.deliverAttributes(entry);
    else if (this.held.length < heldMax) this.held.push(() => this.deliverAttributes(entry));
    else this.missedAttributes = entry;
  }

  /** Offers the number of members. False if a later one must be offered: this one could not be queued. */
  offerCount(count: number, entry: EventEntry): boolean {
    if (count === this.countTold) return true;
    if (this.countQueued || !this.tellMissed()) return false;
    const onSent = () => {
      this.countQueued = false;
    };
    if (!this.session.push(entry, undefined, onSent)) return false;
    [this.countQueued, this.countTold] = [true, count];
    return true;
  }

  /** True if a message at a place is the next one, and nothing is to be told before it. */
  private isInStep({ epoch, offset }: LogPosition): boolean {
    if (this.held !== undefined || this.session.ended || this.missedAttributes !== undefined) return false;
    if (this.missed !== undefined || this.missedMembers) return false;
    return epoch === this.place.epoch && offset === this.place.offset + 1;
  }

  /** True if one of the senders is the member itself, who does not get its own messages. */
  private hasOwn(senders: ReadonlySet<string>): boolean {
    return this.unheard !== undefined && senders.has(this.unheard);
  }

  private deliver(place: LogPosition, sender: string, entry: EventEntry): void {
    const { epoch, offset } = place;
    if (epoch !== this.place.epoch || offset !== this.place.offset + 1) {
      if (epoch === this.place.epoch && offset <= this.place.offset) return;
      this.passTo({ epoch, offset: offset - 1 });
    }
    const told = this.tellMissed();
    this.place = place;
    if (sender === this.unheard) return;
    if (!told || !this.session.push(entry)) this.miss(offset, offset);
  }

  private deliverNotice(entry: EventEntry): void {
    if (!this.tellMissed() || !this.session.push(entry)) this.missedMembers = true;
  }

  private deliverAttributes(entry: EventEntry): void {
    if (!this.tellMissed() || !this.session.push(entry)) this.missedAttributes = entry;
  }

  /** Goes on behind a place; what lies before it and has not come is missing. */
  private passTo({ epoch, offset }: LogPosition): void {
    // Nobody can say what is missing at the end of the old epoch.
    if (epoch !== this.place.epoch) this.missed = { firstOffset: 0, lastOffset: 0 };
    else if (offset > this.place.offset) this.miss(this.place.offset + 1, offset);
    else return;
    this.place = { epoch, offset };
  }

  private miss(firstOffset: number, lastOffset: number): void {
    if (this.missed === undefined) this.missed = { firstOffset, lastOffset };
    else if (this.missed.firstOffset > 0) this.missed.lastOffset = lastOffset;
  }

  tellMissed(): boolean {
    return this.held === undefined && this.tellGap() && this.tellAttributes();
  }

  private tellGap(): boolean {
    const { missed: gap, missedMembers: membersChanged } = this;
    if (gap === undefined && !membersChanged) return true;
    const value = { channel: this.channel.channel, gap, position: this.place, membersChanged };
    const told = this.session.push(eventEntry({ $case: "channelGap", value }, "channel"));
    if (told) [this.missed, this.missedMembers] = [undefined, false];
    return told;
  }

  private tellAttributes(): boolean {
    if (this.missedAttributes === undefined) return true;
    const told = this.session.push(this.missedAttributes);
    if (told) this.missedAttributes = undefined;
    return told;
  }
}
