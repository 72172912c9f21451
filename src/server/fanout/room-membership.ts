import type { LogPosition, LogRecord } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import { channelMessageEntry, type EventEntry, eventEntry } from "../event-entry.js";
import type { LiveSession, Membership } from "../feature/live-session.js";

interface Missed {
  /** The first and the last offset that were not queued. `first` is 0 for none. */
  first: number;
  last: number;
  /** True if the channel's epoch is another one: what is missing cannot be counted, and `last` is where the new one goes on. */
  renewed: boolean;
  members: boolean;
}

const nothing: Readonly<Missed> = { first: 0, last: 0, renewed: false, members: false };

/** Held entries above this number become a told gap: a join takes moments, so more say that the engine is stuck. */
const heldMax = 1000;

/**
 * One session in one channel. Keeps its place in the channel, so that each message is queued once and in order, and what cannot
 * be queued becomes a told gap: `no-silent-loss`, `no-duplicate`, `channel-order`.
 */
export class RoomMembership implements Membership {
  /** What came before `open`. Undefined once open. */
  private held: (() => void)[] | undefined = [];
  /** The last offset that came before `open` when no more could be held. */
  private notHeld = 0;
  private epoch = "";
  private place = 0;
  private missed: Missed = { ...nothing };

  constructor(
    readonly session: LiveSession,
    readonly channel: ChannelKey,
    private readonly receiveOwn: boolean,
  ) {}

  open(head: LogPosition, recovered: readonly LogRecord[]): void {
    this.epoch = head.epoch;
    this.place = (recovered[0]?.offset ?? head.offset + 1) - 1;
    const held = this.held ?? [];
    this.held = undefined;
    for (const { offset, sender, message } of recovered) this.deliver(offset, sender, channelMessageEntry(message, offset));
    for (const deliver of held) deliver();
    this.passTo(this.notHeld);
    this.tellMissed();
  }

  /** Says of which epoch the next message is. A new one says that the log of the one before is gone. */
  offerEpoch(epoch: string, nextOffset: number): void {
    if (this.held === undefined) this.enterEpoch(epoch, nextOffset);
    else if (this.held.length < heldMax) this.held.push(() => this.enterEpoch(epoch, nextOffset));
  }

  /** Offers a message of the channel, as its topic brings it. */
  offerMessage(offset: number, sender: string, entry: EventEntry): void {
    if (this.held === undefined) this.deliver(offset, sender, entry);
    else if (this.held.length < heldMax) this.held.push(() => this.deliver(offset, sender, entry));
    else this.notHeld = offset;
  }

  /** Offers a notice about a member. Nobody is told of itself. */
  offerNotice(userId: string, entry: EventEntry): void {
    if (userId === this.session.user.userId) return;
    if (this.held === undefined) this.deliverNotice(entry);
    else if (this.held.length < heldMax) this.held.push(() => this.deliverNotice(entry));
    else this.missed.members = true;
  }

  private enterEpoch(epoch: string, nextOffset: number): void {
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.place = nextOffset - 1;
    this.missed = { ...this.missed, first: 0, last: this.place, renewed: true };
  }

  private deliver(offset: number, sender: string, entry: EventEntry): void {
    if (offset <= this.place) return;
    this.passTo(offset - 1);
    this.place = offset;
    const told = this.tellMissed();
    if (sender === this.session.user.userId && !this.receiveOwn) return;
    if (told) this.push(entry, () => this.miss(offset, offset));
    else this.miss(offset, offset);
  }

  private deliverNotice(entry: EventEntry): void {
    if (this.tellMissed()) this.push(entry, () => (this.missed.members = true));
    else this.missed.members = true;
  }

  private push(entry: EventEntry, refused: () => void): void {
    this.session.push(entry, (fate) => {
      if (fate === "refused") refused();
    });
  }

  /** Goes on behind an offset; what lies before it and has not come is missing. */
  private passTo(offset: number): void {
    if (offset <= this.place) return;
    this.miss(this.place + 1, offset);
    this.place = offset;
  }

  private miss(first: number, last: number): void {
    if (this.missed.first === 0 && !this.missed.renewed) this.missed.first = first;
    this.missed.last = last;
  }

  /** Tells what is missing, if anything is, in front of what comes next. False if the queue has no room for it. */
  tellMissed(): boolean {
    if (this.held !== undefined) return false;
    const { first, last, renewed, members } = this.missed;
    const messages = first > 0 || renewed;
    if (!messages && !members) return true;
    const gap = messages ? { firstOffset: first, lastOffset: renewed ? 0 : last } : undefined;
    const position = { epoch: this.epoch, offset: messages ? last : this.place };
    const value = { channel: this.channel.channel, gap, position, membersChanged: members };
    let told = true;
    this.push(eventEntry({ $case: "channelGap", value }, "channel"), () => (told = false));
    if (told) this.missed = { ...nothing };
    return told;
  }
}
