import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { EventEntry } from "../event-entry.js";
import type { EventSegment } from "../event-segment.js";
import type { Flushable, Flusher, Urgent } from "../fanout/flusher.js";
import type { EventFeed, Fate } from "../feature/live-session.js";
import type { BatchJoiner } from "./batch-joiner.js";
import { BatchRoom } from "./batch-room.js";
import type { Frame } from "./frame.js";
import type { Link } from "./link.js";
import { eventOf, eventsOf, isResult, isSegment, mayWait, overtakes, type QueueEntry, sizeOf } from "./queue-entry.js";

/** What a client has received, as it counts: both sides count, so no number travels with an event. */
export interface Counts {
  readonly events: number;
  readonly results: number;
}

/** Control messages above this number are lost: a client that reads has one or two waiting. */
const maxControls = 16;

export interface OutboxObserver {
  /** A batch was handed to the link. */
  onBatch(events: number, bytes: number): void;
}

/** What the outboxes of a node share. */
export interface OutboxServices {
  readonly limits: Limits;
  readonly flusher: Pick<Flusher, "plan" | "hurry">;
  readonly joiner: BatchJoiner;
  readonly observer: OutboxObserver;
}

/**
 * What a session has for its client: what waits to be sent, and what was sent and is not acknowledged. Bounded in bytes and
 * events; it never blocks whoever fills it. One batch is in flight at a time, so an idle session is written to at once and a
 * busy one batches by itself. A new link begins again behind what its client has received, in the order of the old one.
 */
export class Outbox implements Flushable, Urgent {
  /** What was sent and is not acknowledged, in an order that is fixed, since the client counts; and behind it all that channels bring. */
  private readonly entries: QueueEntry[] = [];
  /** The index of the next entry for the present link. */
  private next = 0;
  /** The index of the first entry that was never sent: those from `next` to it went over an earlier link. */
  private unsent = 0;
  /** What overtakes the entries that were never sent. */
  private readonly direct: QueueEntry[] = [];
  /** What has more channel traffic, behind all that waits. */
  private feed: EventFeed | undefined;
  private controls: Frame[] = [];
  /** The bytes, events and results that wait or are not acknowledged. */
  private bytes = 0;
  private events = 0;
  private results = 0;
  private acknowledged: Counts = { events: 0, results: 0 };
  /** What the present link was given, with what was acknowledged before. */
  private given = { events: 0, results: 0 };
  private link: Link | undefined;
  /** Goes on when the link has taken a batch: one function for all its batches. */
  private onWritten: () => void = () => {};
  /** How long the client lets channel traffic wait. */
  private maxDelayMs = 0;
  private writing = false;
  /** True while the flusher is to come. */
  private planned = false;
  /** The same for what cannot wait. */
  private hurried = false;
  /** True if all that waits is to be sent as soon as the link takes it. */
  private due = false;
  private ended = false;

  constructor(private readonly services: OutboxServices) {}

  /** True if an entry that is not essential would be refused. */
  get full(): boolean {
    return this.events >= this.services.limits.replayEvents || this.bytes >= this.services.limits.replayBytes;
  }

  /** True if the client lets answers pile up in a full queue: then it may not make more calls. */
  get overflowing(): boolean {
    const { limits } = this.services;
    return this.full && (this.results > limits.callsInFlight || this.bytes > 2 * limits.replayBytes);
  }

  get size(): { readonly events: number; readonly bytes: number; readonly unacknowledged: number } {
    return { events: this.events, bytes: this.bytes, unacknowledged: this.given.events - this.acknowledged.events };
  }

  get received(): Counts {
    return this.acknowledged;
  }

  /** Takes an event. False if it was refused; then `settled` has been told. `sent` is told when it goes to a link for the first time. */
  pushEvent(entry: EventEntry, settled?: (fate: Fate) => void, sent?: () => void): boolean {
    if (!overtakes(entry)) this.drain();
    if (this.full && entry.traffic !== "essential" && entry.traffic !== "departure") {
      settled?.("refused");
      return false;
    }
    if (this.ended) return true;
    this.append(eventOf(entry, settled, sent));
    return true;
  }

  /** Takes events together. False if there is no room for all of them, or if they do not fit into one batch: then none is taken. */
  pushSegment(segment: EventSegment): boolean {
    this.drain();
    const { replayEvents, replayBytes, batchBytes } = this.services.limits;
    const [events, bytes] = [this.events + segment.count, this.bytes + segment.size];
    if (events > replayEvents || bytes > replayBytes || segment.size > batchBytes) return false;
    if (!this.ended) this.append(segment);
    return true;
  }

  /** A feed has channel traffic: it is drained once, when that is to be sent, or before more of such traffic is queued. */
  follow(feed: EventFeed): void {
    this.drain();
    if (this.ended) return;
    this.feed = feed;
    this.plan();
  }

  /** Queues what the feed has, if there is one. */
  drain(): void {
    const { feed } = this;
    if (feed === undefined) return;
    this.feed = undefined;
    feed.drain();
  }

  /** Takes a result; `overflowing` says when there may be no more calls. One `inOrder` stays behind channel traffic. */
  pushResult(result: Uint8Array, { inOrder }: { inOrder: boolean }): void {
    if (inOrder) this.drain();
    if (!this.ended) this.append({ traffic: inOrder ? "resultInOrder" : "result", bytes: result });
  }

  /** Sends a control message in front of what waits. It is not counted, and lost if there is no link or if many wait already. */
  pushControl(frame: Frame): void {
    if (this.link === undefined || this.controls.length >= maxControls) return;
    this.controls.push(frame);
    this.flush();
  }

  /** Takes an acknowledgement. False if it is for more than was sent; a lower one than before changes nothing. */
  acknowledge(counts: Counts): boolean {
    if (counts.events > this.given.events || counts.results > this.given.results) return false;
    let { events, results } = this.acknowledged;
    let done = 0;
    for (const entry of this.entries) {
      const left = isResult(entry) ? counts.results - results : counts.events - events;
      if (left <= 0) break;
      if (isSegment(entry) && left < entry.count) {
        events += left;
        this.shorten(done, entry, left);
        break;
      }
      if (isResult(entry)) results += 1;
      else events += eventsOf(entry);
      done += 1;
    }
    this.acknowledged = { events, results };
    this.next -= done;
    this.unsent -= done;
    for (const entry of this.entries.splice(0, done)) {
      this.count(entry, -1);
      if (!isSegment(entry)) entry.settled?.("acknowledged");
    }
    return true;
  }

  /** True if a client that has received this much can go on with this outbox. */
  canResume({ events, results }: Counts): boolean {
    const { acknowledged, given } = this;
    return (
      events >= acknowledged.events && events <= given.events && results >= acknowledged.results && results <= given.results
    );
  }

  /**
   * Begins to send over a link, behind what its client has received. The first frame goes before everything else. Channel
   * traffic is held back for at most `maxDelayMs`, and as long as the limit says.
   */
  attach(link: Link, first: Frame, maxDelayMs: number): void {
    this.link = link;
    this.onWritten = () => {
      // A link that was replaced meanwhile has no say any more.
      if (this.link !== link) return;
      this.writing = false;
      if (this.due || this.controls.length > 0) this.flush();
    };
    this.maxDelayMs = maxDelayMs;
    this.writing = false;
    this.next = 0;
    this.given = { ...this.acknowledged };
    this.controls = [first];
    this.due = true;
    this.flush();
  }

  /** The time of what waits has come. */
  flushDue(): void {
    this.planned = false;
    this.due = true;
    this.flush();
  }

  flushNow(): void {
    this.hurried = false;
    this.flush();
  }

  /** Hands all that waits to the link without waiting for it: the last thing before a goodbye. */
  flushAll(): void {
    const { link } = this;
    if (link === undefined) return;
    for (let frame = this.takeFrame(); frame !== undefined; frame = this.takeFrame()) link.send(frame, () => undefined);
  }

  /** Stops sending. What is not acknowledged waits for the next link. */
  detach(): void {
    this.link = undefined;
    this.controls = [];
  }

  /** Forgets everything; whoever waits for a fate is told. */
  end(): void {
    this.ended = true;
    this.detach();
    this.feed = undefined;
    const entries = [this.entries, this.direct].flatMap((queue) => queue.splice(0));
    [this.next, this.unsent, this.events, this.results, this.bytes] = [0, 0, 0, 0, 0];
    for (const entry of entries) if (!isSegment(entry)) entry.settled?.("ended");
  }

  private append(entry: QueueEntry): void {
    (overtakes(entry) ? this.direct : this.entries).push(entry);
    this.count(entry, 1);
    if (mayWait(entry)) return this.plan();
    this.due = true;
    if (this.hurried) return;
    this.hurried = true;
    this.services.flusher.hurry(this);
  }

  private count(entry: QueueEntry, sign: 1 | -1): void {
    this.bytes += sign * sizeOf(entry);
    if (isResult(entry)) this.results += sign;
    else this.events += sign * eventsOf(entry);
  }

  /** The first events of a segment are acknowledged. */
  private shorten(index: number, segment: EventSegment, events: number): void {
    const rest = segment.after(events);
    this.entries[index] = rest;
    this.count(segment, -1);
    this.count(rest, 1);
  }

  private plan(): void {
    if (this.link === undefined || this.planned || this.due) return;
    this.planned = true;
    this.services.flusher.plan(this, Math.min(this.maxDelayMs, this.services.limits.batchDelayMs));
  }

  private flush(): void {
    const { link } = this;
    if (link === undefined || this.writing) return;
    const frame = this.takeFrame();
    if (frame === undefined) return;
    this.writing = true;
    link.send(frame, this.onWritten);
  }

  private takeFrame(): Frame | undefined {
    return this.controls.shift() ?? this.takeBatch();
  }

  private takeBatch(): Frame | undefined {
    this.drain();
    const { entries, next: begin } = this;
    const { joiner, observer } = this.services;
    this.passFitting();
    this.due = this.next < entries.length || this.direct.length > 0;
    if (this.next === begin) return undefined;
    let [events, results] = [0, 0];
    for (let i = begin; i < this.next; i += 1) {
      const entry = entries[i] as QueueEntry;
      events += eventsOf(entry);
      if (isResult(entry)) results += 1;
      else if (i >= this.unsent && !isSegment(entry)) entry.sent?.();
    }
    this.given.events += events;
    this.given.results += results;
    this.unsent = Math.max(this.unsent, this.next);
    const frame = joiner.join(entries, begin, this.next);
    observer.onBatch(events, frame.size);
    return frame;
  }

  /** Goes on to the end of what fits into one batch: what is sent again, then what overtakes, then the rest. */
  private passFitting(): void {
    const { entries } = this;
    const room = new BatchRoom(this.services.limits.batchBytes);
    while (this.next < this.unsent && room.takes(entries[this.next])) this.next += 1;
    if (this.next < this.unsent || !this.passDirect(room)) return;
    while (room.takes(entries[this.next])) this.next += 1;
  }

  /** Puts what overtakes, as far as it fits, behind what was sent. True if that is all of it. */
  private passDirect(room: BatchRoom): boolean {
    const { direct, entries } = this;
    let fitting = 0;
    while (room.takes(direct[fitting])) fitting += 1;
    if (fitting > 0) entries.splice(this.next, 0, ...direct.splice(0, fitting));
    this.next += fitting;
    return direct.length === 0;
  }
}
