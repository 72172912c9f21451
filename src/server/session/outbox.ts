import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { EventEntry } from "../event-entry.js";
import type { Fate } from "../feature/live-session.js";
import type { Link } from "./link.js";

interface Entry {
  readonly kind: "event" | "result";
  /** An event: the complete `events` entry. A result: an encoded CallResult without `after_events`. */
  readonly bytes: Uint8Array;
  readonly settled?: (fate: Fate) => void;
}

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

/**
 * What a session has for its client: what waits to be sent, and what was sent and is not acknowledged. Bounded in bytes and
 * events; it never blocks whoever fills it. One batch is in flight at a time, so an idle session is written to at once and a
 * busy one batches by itself. A new link begins again behind what its client has received.
 */
export class Outbox {
  private entries: Entry[] = [];
  /** The index in `entries` of the next one to send. */
  private next = 0;
  private bytes = 0;
  private events = 0;
  private acknowledged: Counts = { events: 0, results: 0 };
  private sent: { events: number; results: number } = { events: 0, results: 0 };
  private controls: Uint8Array[] = [];
  private link: Link | undefined;
  private writing = false;
  private ended = false;

  constructor(
    private readonly limits: Limits,
    private readonly observer: OutboxObserver,
  ) {}

  /** True if an entry that is not essential would be refused. */
  get full(): boolean {
    return this.events >= this.limits.replayEvents || this.bytes >= this.limits.replayBytes;
  }

  /** True if the client lets answers pile up in a full queue: then it may not make more calls. */
  get overflowing(): boolean {
    const results = this.entries.length - this.events;
    return this.full && (results > this.limits.callsInFlight || this.bytes > 2 * this.limits.replayBytes);
  }

  get size(): { readonly events: number; readonly bytes: number; readonly unacknowledged: number } {
    return { events: this.events, bytes: this.bytes, unacknowledged: this.sent.events - this.acknowledged.events };
  }

  get received(): Counts {
    return this.acknowledged;
  }

  pushEvent(entry: EventEntry, settled?: (fate: Fate) => void): void {
    if (this.full && entry.traffic !== "essential") {
      settled?.("refused");
      return;
    }
    this.events += 1;
    this.append({ kind: "event", bytes: entry.bytes, settled });
  }

  /** Results are always taken; `overflowing` says when there may be no more calls. */
  pushResult(result: Uint8Array): void {
    this.append({ kind: "result", bytes: result });
  }

  /** Sends a control message in front of what waits. It is not counted, and lost if there is no link or if many wait already. */
  pushControl(frame: Uint8Array): void {
    if (this.link === undefined || this.controls.length >= maxControls) return;
    this.controls.push(frame);
    this.flush();
  }

  /** Takes an acknowledgement. False if it is for more than was sent; a lower one than before changes nothing. */
  acknowledge(counts: Counts): boolean {
    if (counts.events > this.sent.events || counts.results > this.sent.results) return false;
    let done = 0;
    const reached = { ...this.acknowledged };
    for (const entry of this.entries) {
      const key = entry.kind === "event" ? "events" : "results";
      if (reached[key] >= counts[key]) break;
      reached[key] += 1;
      done += 1;
    }
    this.acknowledged = reached;
    const gone = this.entries.splice(0, done);
    this.next -= done;
    for (const entry of gone) {
      this.bytes -= entry.bytes.length;
      if (entry.kind === "event") this.events -= 1;
      entry.settled?.("acknowledged");
    }
    this.flush();
    return true;
  }

  /** True if a client that has received this much can go on with this outbox. */
  canResume({ events, results }: Counts): boolean {
    const { acknowledged, sent } = this;
    return events >= acknowledged.events && events <= sent.events && results >= acknowledged.results && results <= sent.results;
  }

  /** Begins to send over a link, behind what its client has received. The first frame goes before everything else. */
  attach(link: Link, first: Uint8Array): void {
    this.link = link;
    this.writing = false;
    this.next = 0;
    this.sent = { ...this.acknowledged };
    this.controls = [first];
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
    const entries = this.entries;
    this.entries = [];
    [this.next, this.events, this.bytes] = [0, 0, 0];
    for (const entry of entries) entry.settled?.("ended");
  }

  private append(entry: Entry): void {
    if (this.ended) return;
    this.entries.push(entry);
    this.bytes += entry.bytes.length;
    this.flush();
  }

  private flush(): void {
    const { link } = this;
    if (link === undefined || this.writing) return;
    const frame = this.takeFrame();
    if (frame === undefined) return;
    this.writing = true;
    link.send(frame, () => {
      // A link that was replaced meanwhile has no say any more.
      if (this.link !== link) return;
      this.writing = false;
      this.flush();
    });
  }

  private takeFrame(): Uint8Array | undefined {
    return this.controls.shift() ?? this.takeBatch();
  }

  private takeBatch(): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let [bytes, events] = [0, 0];
    for (let entry = this.entries[this.next]; entry !== undefined; entry = this.entries[this.next]) {
      const part = entry.kind === "event" ? entry.bytes : resultEntry(entry.bytes, events);
      if (parts.length > 0 && bytes + part.length > this.limits.batchBytes) break;
      parts.push(part);
      bytes += part.length;
      this.next += 1;
      if (entry.kind === "event") {
        events += 1;
        this.sent.events += 1;
      } else {
        this.sent.results += 1;
      }
    }
    if (parts.length === 0) return undefined;
    this.observer.onBatch(events, bytes);
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}

const resultsTag = 0x12; // field 2 of ConnectResponse, length-delimited
const afterEventsTag = 51 << 3; // field 51 of CallResult, varint

/** A complete `results` entry: the result with its place among the events of its batch. */
function resultEntry(result: Uint8Array, afterEvents: number): Uint8Array {
  const writer = new BinaryWriter();
  const tail = afterEvents === 0 ? new Uint8Array(0) : new BinaryWriter().uint32(afterEventsTag).uint32(afterEvents).finish();
  writer.uint32(resultsTag).uint32(result.length + tail.length);
  return Buffer.concat([writer.finish(), result, tail]);
}
