// An outbox next to a naive model of it: a list of all entries ever sent, how far the client has acknowledged them, and what
// waits to be sent.
import { expect } from "vitest";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { CallResult, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { eventEntry, type Traffic } from "../../../src/server/event-entry.js";
import type { Flushable } from "../../../src/server/fanout/flusher.js";
import type { Fate } from "../../../src/server/feature/live-session.js";
import { BatchJoiner } from "../../../src/server/session/batch-joiner.js";
import { Frame } from "../../../src/server/session/frame.js";
import type { Link } from "../../../src/server/session/link.js";
import { type Counts, Outbox } from "../../../src/server/session/outbox.js";
import { segmentOf } from "../../support/event-segment.js";

/** So small that runs of a few commands meet each of them. */
const limits = { ...defaultLimits, replayEvents: 6, replayBytes: 500, batchBytes: 150, callsInFlight: 3 };

const maxDelayMs = 50;

/** The number of control messages that may wait. */
const mostControls = 16;

interface ModelEntry {
  readonly kind: "event" | "result";
  /** True if it overtakes what has not been sent and does not. */
  readonly direct: boolean;
  /** True if it may wait for the flusher. */
  readonly patient: boolean;
  readonly name: string;
  readonly bytes: number;
  /** Undefined for one that tells nobody. */
  readonly fates: Fate[] | undefined;
}

/** A link that keeps what it is given, and says that it is written when the test says so. */
class RecordingLink implements Link {
  readonly address = "";
  readonly entries: string[] = [];
  readonly controls: number[] = [];
  readonly unwritten: (() => void)[] = [];

  send({ bytes, size }: Frame, written: () => void): void {
    const { events, results, control } = ConnectResponse.decode(bytes);
    expect(size).toBe(bytes.length);
    const batch = inOrder(events.map(nameOfEvent), results);
    if (control?.$case === "pong") {
      expect(batch).toEqual([]);
      this.controls.push(control.value.nonce);
    } else {
      expect(batch.length).toBeGreaterThan(0);
      if (batch.length > 1) expect(size).toBeLessThanOrEqual(limits.batchBytes);
    }
    this.entries.push(...batch);
    this.unwritten.push(written);
  }

  end(): void {}

  abort(): void {}
}

export class OutboxHarness {
  private readonly outbox = new Outbox({
    limits,
    joiner: new BatchJoiner(),
    flusher: { plan: (member) => this.plans.push(member), hurry: (member) => member.flushNow() },
    observer: { onBatch: (events) => (this.observedEvents += events) },
  });
  private observedEvents = 0;
  private readonly plans: Flushable[] = [];
  /** What was sent, in the order in which it was sent first. */
  private readonly order: ModelEntry[] = [];
  private readonly direct: ModelEntry[] = [];
  private readonly channel: ModelEntry[] = [];
  private readonly refusals: Fate[][] = [];
  private readonly oldLinks: RecordingLink[] = [];
  private acknowledged = 0;
  /** The feeds that are followed. */
  private feeds = 0;
  private link: RecordingLink | undefined;
  /** The index in `order` of the first entry that the present link is to get, and of the first that it has not got. */
  private base = 0;
  private sent = 0;
  private controls: number[] = [];
  private lastNumber = 0;

  pushEvent(traffic: Traffic, size: number): void {
    const { name, bytes } = this.newEvent(size);
    const fates: Fate[] = [];
    const settled = (fate: Fate) => fates.push(fate);
    const entry = { kind: "event" as const, name, bytes: bytes.length, fates };
    const mayBeRefused = traffic !== "essential" && traffic !== "departure";
    if (traffic === "essential" || traffic === "peer") {
      const refused = this.full && mayBeRefused;
      // Within the call it goes out, and a feed behind it.
      if (!refused) this.take({ ...entry, direct: true, patient: false });
      this.expectTaken(this.outbox.pushEvent({ bytes, traffic }, settled), !refused, fates);
    } else {
      // A feed goes before it.
      const taken = this.outbox.pushEvent({ bytes, traffic }, settled);
      this.expectFed();
      const refused = this.full && mayBeRefused;
      this.expectTaken(taken, !refused, fates);
      if (!refused) this.take({ ...entry, direct: false, patient: traffic !== "departure" });
    }
  }

  /** Messages of a channel together: all of them or none. */
  pushSegment(sizes: readonly number[]): void {
    const events = sizes.map((size) => this.newEvent(size));
    const segment = segmentOf(...inTwo(events.map(({ bytes }) => bytes)));
    const taken = this.outbox.pushSegment(segment);
    this.expectFed();
    const before = this.unacknowledged;
    const fits =
      before.filter(({ kind }) => kind === "event").length + events.length <= limits.replayEvents &&
      sum(before) + segment.size <= limits.replayBytes &&
      segment.size <= limits.batchBytes;
    expect(taken).toBe(fits);
    for (const { name, bytes } of fits ? events : []) {
      this.take({ kind: "event", direct: false, patient: true, name, bytes: bytes.length, fates: undefined });
    }
  }

  /** A feed has messages of a channel. */
  follow(sizes: readonly number[]): void {
    this.outbox.follow({
      drain: () => {
        this.feeds -= 1;
        this.pushSegment(sizes);
      },
    });
    this.expectFed();
    this.feeds += 1;
  }

  pushResult(size: number, inOrder: boolean): void {
    const callId = ++this.lastNumber;
    const outcome = { $case: "renewToken" as const, value: { expiresAtMs: 2 ** size } };
    const bytes = CallResult.encode({ callId, outcome, afterEvents: 0 }).finish();
    const entry = { kind: "result", patient: false, name: `r${callId}`, bytes: bytes.length, fates: undefined } as const;
    if (!inOrder) this.take({ ...entry, direct: true });
    this.outbox.pushResult(bytes, { inOrder });
    if (!inOrder) return;
    this.expectFed();
    this.take({ ...entry, direct: false });
  }

  pushControl(): void {
    const nonce = ++this.lastNumber;
    const waiting = this.controls.length - (this.link?.controls.length ?? 0);
    if (this.link !== undefined && waiting < mostControls) this.controls.push(nonce);
    this.outbox.pushControl(pong(nonce));
  }

  /** The time of what waits has come. */
  flushDue(): void {
    for (const member of this.plans.splice(0)) member.flushDue();
  }

  /** The present link has written what it has. */
  written(): void {
    this.link?.unwritten.shift()?.();
  }

  /** Links that were replaced say that they have written everything: nobody listens to them any more. */
  writtenByOldLinks(): void {
    for (const { unwritten } of this.oldLinks) for (const written of unwritten.splice(0)) written();
  }

  /** Acknowledges part of what was sent: `events` and `results` from 0 for nothing to 1 for all. */
  acknowledge(events: number, results: number): void {
    const all = this.countsAt(this.sent);
    this.acknowledgeCounts({ events: Math.round(events * all.events), results: Math.round(results * all.results) });
  }

  acknowledgeTooMuch(by: Counts): void {
    const { events, results } = this.countsAt(this.sent);
    expect(this.outbox.acknowledge({ events: events + by.events, results: results + by.results })).toBe(false);
  }

  detach(): void {
    this.outbox.detach();
    this.dropLink();
  }

  /** The last thing before a goodbye: everything goes out at once. */
  flushAndDetach(): void {
    this.outbox.flushAll();
    if (this.link !== undefined) {
      expect(this.link.controls).toEqual(this.controls);
      this.checkOrder(this.link);
      expect([this.sent, this.direct, this.channel]).toEqual([this.order.length, [], []]);
    }
    this.detach();
  }

  /** A client comes with a new link, and has received what was sent up to a place from 0 for what is acknowledged to 1. */
  resume(place: number): void {
    const received = this.acknowledged + Math.round(place * (this.sent - this.acknowledged));
    const counts = this.countsAt(received);
    this.expectResumable(counts);
    this.detach();
    this.acknowledgeCounts(counts);
    expect(this.outbox.received).toEqual(this.countsAt(received));
    this.link = new RecordingLink();
    this.base = received;
    this.sent = received;
    this.controls = [++this.lastNumber];
    this.outbox.attach(this.link, pong(this.lastNumber), maxDelayMs);
  }

  /** Checks all that is true at any time. */
  check(): void {
    this.checkLink();
    const waiting = this.unacknowledged;
    const events = waiting.filter(({ kind }) => kind === "event");
    expect(this.outbox.size).toMatchObject({ events: events.length, bytes: sum(waiting) });
    expect(this.outbox.full).toBe(this.full);
    expect(this.outbox.overflowing).toBe(this.full && waiting.length - events.length > limits.callsInFlight);
    for (const { fates } of this.order.slice(0, this.acknowledged)) if (fates) expect(fates).toEqual(["acknowledged"]);
    for (const { fates } of waiting) if (fates) expect(fates).toEqual([]);
  }

  /** Ends the outbox, and checks that everybody who waited was told once. */
  end(): void {
    const waiting = this.unacknowledged;
    this.outbox.end();
    for (const { fates } of waiting) if (fates) expect(fates).toEqual(["ended"]);
    for (const fates of this.refusals) expect(fates).toEqual(["refused"]);
    expect(this.outbox.size).toMatchObject({ events: 0, bytes: 0 });
    expect(this.outbox.full).toBe(false);
    this.dropLink();
    const given = this.oldLinks.flatMap(({ entries }) => entries).filter((name) => name.startsWith("e"));
    expect(this.observedEvents).toBe(given.length);
  }

  private expectTaken(taken: boolean, expected: boolean, fates: Fate[]): void {
    expect([taken, fates]).toEqual([expected, expected ? [] : ["refused"]]);
    if (!expected) this.refusals.push(fates);
  }

  /** What goes behind channel traffic, or is such, has drained the feed before. */
  private expectFed(): void {
    expect(this.feeds).toBe(0);
  }

  private newEvent(size: number) {
    const name = `e${++this.lastNumber}`;
    const value = { channel: name.padEnd(size, " "), reason: LeaveReason.LEFT };
    return { name, bytes: eventEntry({ $case: "channelLeft", value }, "channel").bytes };
  }

  private checkLink(): void {
    const { link } = this;
    if (link === undefined) return;
    expect(link.unwritten.length).toBeLessThanOrEqual(1);
    this.checkOrder(link);
    expect(this.plans.length).toBeLessThanOrEqual(1);
    expect(link.controls).toEqual(this.controls.slice(0, link.controls.length));
    if (link.unwritten.length > 0) return;
    // A link that is not busy leaves nothing waiting but for channel traffic that the flusher sends.
    expect([this.sent, this.direct, link.controls]).toEqual([this.order.length, [], this.controls]);
    if (this.feeds > 0) expect(this.plans.length).toBe(1);
    if (this.channel.length > 0) expect([this.plans.length, this.channel.every(({ patient }) => patient)]).toEqual([1, true]);
  }

  /** Checks what the link has got since the last look: first what an earlier link got, then what overtakes, then the rest. */
  private checkOrder({ entries }: RecordingLink): void {
    for (const name of entries.slice(this.sent - this.base)) {
      if (this.sent === this.order.length)
        this.order.push(...(this.direct.length > 0 ? this.direct : this.channel).splice(0, 1));
      expect(name).toBe(this.order[this.sent]?.name);
      this.sent += 1;
    }
  }

  private take(entry: ModelEntry): void {
    (entry.direct ? this.direct : this.channel).push(entry);
  }

  private acknowledgeCounts(counts: Counts): void {
    for (let entry = this.order[this.acknowledged]; entry !== undefined; entry = this.order[this.acknowledged]) {
      const reached = this.countsAt(this.acknowledged);
      if (entry.kind === "event" ? reached.events >= counts.events : reached.results >= counts.results) break;
      this.acknowledged += 1;
    }
    expect(this.outbox.acknowledge(counts)).toBe(true);
  }

  private expectResumable(counts: Counts): void {
    const [least, most] = [this.countsAt(this.acknowledged), this.countsAt(this.sent)];
    expect(this.outbox.canResume(counts)).toBe(true);
    expect(this.outbox.canResume({ ...counts, events: most.events + 1 })).toBe(false);
    expect(this.outbox.canResume({ ...counts, results: most.results + 1 })).toBe(false);
    expect(this.outbox.canResume({ ...counts, events: least.events - 1 })).toBe(false);
    expect(this.outbox.canResume({ ...counts, results: least.results - 1 })).toBe(false);
  }

  private dropLink(): void {
    if (this.link !== undefined) this.oldLinks.push(this.link);
    this.link = undefined;
  }

  private get full(): boolean {
    const waiting = this.unacknowledged;
    return waiting.filter(({ kind }) => kind === "event").length >= limits.replayEvents || sum(waiting) >= limits.replayBytes;
  }

  private get unacknowledged(): ModelEntry[] {
    return [...this.order.slice(this.acknowledged), ...this.direct, ...this.channel];
  }

  private countsAt(index: number): Counts {
    const events = this.order.slice(0, index).filter(({ kind }) => kind === "event").length;
    return { events, results: index - events };
  }
}

function pong(nonce: number): Frame {
  return new Frame([ConnectResponse.encode(ConnectResponse.create({ control: { $case: "pong", value: { nonce } } })).finish()]);
}

/** The events in two pieces, of which one may be empty. */
function inTwo(events: readonly Uint8Array[]): Uint8Array[][] {
  return [events.slice(0, 2), events.slice(2)];
}

function nameOfEvent({ event }: ConnectResponse["events"][number]): string {
  if (event?.$case !== "channelLeft") throw new Error("the outbox made an event of its own");
  return event.value.channel.trimEnd();
}

/** The entries of a batch in order, as a client puts them together. */
function inOrder(events: readonly string[], results: readonly CallResult[]): string[] {
  const names: string[] = [];
  let taken = 0;
  for (const { callId, afterEvents } of results) {
    expect(afterEvents).toBeGreaterThanOrEqual(taken);
    expect(afterEvents).toBeLessThanOrEqual(events.length);
    names.push(...events.slice(taken, afterEvents), `r${callId}`);
    taken = afterEvents;
  }
  return [...names, ...events.slice(taken)];
}

function sum(entries: readonly ModelEntry[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0);
}
