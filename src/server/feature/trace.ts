import type { TraceMessageResponse, TraceStep } from "../../../gen/aldis/v1/admin_service.js";
import { keyText } from "../engine/ports/keys.js";
import type { Clock } from "../runtime.js";

/** What an operator can trace. */
export interface TraceSubject {
  readonly kind: "message" | "invitation" | "user";
  readonly appId: string;
  readonly id: string;
}

/** Takes down what happens, so that an operator can find out later why something was not delivered. */
export interface TraceRecorder {
  /** Takes down a sentence about a subject. It must have nothing of what users say to each other. */
  note(subject: TraceSubject, text: string): void;
  /** `note` for one subject: cheaper for whoever has more to say about it. */
  about(subject: TraceSubject): (text: string) => void;
}

/** The most steps that a node remembers, over all subjects: about 5 MB. */
const stepsMax = 20_000;

interface Record {
  readonly key: string;
  readonly steps: TraceStep[];
  truncated: boolean;
}

/** The latest steps, in memory. The oldest are forgotten first, whatever they are about. */
export class TraceMemory implements TraceRecorder {
  private readonly records = new Map<string, Record>();
  /** The record of each step that is remembered, in order; those in front of `oldest` are forgotten. */
  private order: Record[] = [];
  private oldest = 0;
  private hasForgotten = false;

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

  /** What is remembered of a subject, the oldest first. */
  read(subject: TraceSubject): TraceMessageResponse {
    const record = this.records.get(keyOf(subject));
    // A message and an invitation begin with their first step; of a user, or of what is not known, there may have been more.
    const begins = record !== undefined && subject.kind !== "user";
    return { steps: [...(record?.steps ?? [])], truncated: begins ? record.truncated : this.hasForgotten };
  }

  private add(record: Record, text: string): void {
    const present = record.steps.length > 0 ? record : (this.records.get(record.key) ?? record);
    if (present.steps.length === 0) this.records.set(present.key, present);
    present.steps.push({ serverTimeMs: this.clock.now(), nodeId: this.nodeId, text });
    this.order.push(present);
    if (this.order.length - this.oldest > stepsMax) this.forgetOldest();
  }

  private forgetOldest(): void {
    const record = this.order[this.oldest];
    this.oldest += 1;
    this.hasForgotten = true;
    if (record !== undefined) {
      record.steps.shift();
      record.truncated = true;
      if (record.steps.length === 0) this.records.delete(record.key);
    }
    if (this.oldest < stepsMax) return;
    this.order = this.order.slice(this.oldest);
    this.oldest = 0;
  }
}

function keyOf({ kind, appId, id }: TraceSubject): string {
  return kind + keyText(appId, id);
}
