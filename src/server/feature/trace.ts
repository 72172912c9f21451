import type { TraceMessageResponse, TraceStep } from "../../../gen/aldis/v1/admin_service.js";
import { keyText } from "../engine/ports/keys.js";
import { Ring } from "../ring.js";
import type { Clock } from "../runtime.js";

/** What an operator can trace. */
export interface TraceSubject {
  readonly kind: "message" | "invitation" | "user";
  readonly appId: string;
  readonly id: string;
}

/** A message to a channel that has its place: all that there is to say about it. */
export interface PlacedMessage {
  readonly appId: string;
  readonly id: string;
  readonly userId: string;
  readonly channel: string;
  readonly offset: number;
  /** When the server took it, in milliseconds since 1970. */
  readonly serverTimeMs: number;
}

/** Takes down what happens, so that an operator can find out later why something was not delivered. */
export interface TraceRecorder {
  /** Takes down a sentence about a subject. It must have nothing of what users say to each other. */
  note(subject: TraceSubject, text: string): void;
  /** `note` for one subject: cheaper for whoever has more to say about it. */
  about(subject: TraceSubject): (text: string) => void;
  /** Takes down a message to a channel. However many of them there are, nothing else is forgotten for them. */
  notePlaced(message: PlacedMessage): void;
}

/** The most steps that a node remembers, over all subjects, and messages to channels as many again: some megabytes each. */
const stepsMax = 20_000;

interface Record {
  readonly key: string;
  readonly steps: TraceStep[];
  truncated: boolean;
}

/** The latest steps, in memory. The oldest are forgotten first, whatever they are about. */
export class TraceMemory implements TraceRecorder {
  private readonly records = new Map<string, Record>();
  /** The record of each step that is remembered. */
  private readonly order = new Ring<Record>(stepsMax);
  /** Put into words when somebody asks: there are many, and hardly anybody does. */
  private readonly placed = new Ring<PlacedMessage>(stepsMax);

  constructor(
    private readonly nodeId: string,
    private readonly clock: Clock,
  ) {}

  note(subject: TraceSubject, text: string): void {
    this.about(subject)(text);
  }

  about(subject: TraceSubject): (text: string) => void {
    const key = keyOf(subject);
    const record = this.records.get(key) ?? { key, steps: [], truncated: false };
    return (text) => this.add(record, text);
  }

  notePlaced(message: PlacedMessage): void {
    this.placed.push(message);
  }

  /** What is remembered of a subject, the oldest first. */
  read(subject: TraceSubject): TraceMessageResponse {
    const mayBePlaced = subject.kind === "message";
    const [placed] = mayBePlaced ? this.placed.filter((message) => isAbout(message, subject)) : [];
    if (placed !== undefined) return { steps: [this.stepOf(sentenceOf(placed), placed.serverTimeMs)], truncated: false };
    const record = this.records.get(keyOf(subject));
    // A message and an invitation begin with their first step; of a user, or of what is not known, there may have been more.
    if (record !== undefined && subject.kind !== "user") return { steps: [...record.steps], truncated: record.truncated };
    const wasPlaced = mayBePlaced && record === undefined && this.placed.hasDropped;
    return { steps: [...(record?.steps ?? [])], truncated: this.order.hasDropped || wasPlaced };
  }

  private stepOf(text: string, serverTimeMs = this.clock.now()): TraceStep {
    return { serverTimeMs, nodeId: this.nodeId, text };
  }

  private add(record: Record, text: string): void {
    const present = record.steps.length > 0 ? record : (this.records.get(record.key) ?? record);
    if (present.steps.length === 0) this.records.set(present.key, present);
    present.steps.push(this.stepOf(text));
    const forgotten = this.order.push(present);
    if (forgotten !== undefined) this.forgetStep(forgotten);
  }

  /** Forgets the oldest step of a record. */
  private forgetStep(record: Record): void {
    record.steps.shift();
    record.truncated = true;
    if (record.steps.length === 0) this.records.delete(record.key);
  }
}

function isAbout({ id, appId }: PlacedMessage, subject: TraceSubject): boolean {
  return id === subject.id && appId === subject.appId;
}

function sentenceOf({ userId, channel, offset }: PlacedMessage): string {
  return `user "${userId}" sends it to channel "${channel}", where it gets the offset ${offset}`;
}

function keyOf({ kind, appId, id }: TraceSubject): string {
  return kind + keyText(appId, id);
}
