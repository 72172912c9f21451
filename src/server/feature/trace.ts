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
}

/** The most steps that a node remembers, over all subjects: about 5 MB. */
const stepsMax = 20_000;

interface Record {
  readonly steps: TraceStep[];
  truncated: boolean;
}

/** The latest steps, in memory. The oldest are forgotten first, whatever they are about. */
export class TraceMemory implements TraceRecorder {
  private readonly records = new Map<string, Record>();
  /** The subject of each step that is remembered, the oldest at `oldest`. */
  private subjects: string[] = [];
  private oldest = 0;

  constructor(
    private readonly nodeId: string,
    private readonly clock: Clock,
  ) {}

  note(subject: TraceSubject, text: string): void {
    const key = keyOf(subject);
    const record = this.records.get(key) ?? { steps: [], truncated: false };
    this.records.set(key, record);
    record.steps.push({ serverTimeMs: this.clock.now(), nodeId: this.nodeId, text });
    this.subjects.push(key);
    if (this.subjects.length - this.oldest > stepsMax) this.forgetOldest();
  }

  /** What is remembered of a subject, the oldest first. */
  read(subject: TraceSubject): TraceMessageResponse {
    const record = this.records.get(keyOf(subject));
    // Of a subject that is not known at all, everything may have been forgotten.
    return { steps: [...(record?.steps ?? [])], truncated: record?.truncated ?? this.oldest > 0 };
  }

  private forgetOldest(): void {
    const key = this.subjects[this.oldest] ?? "";
    const record = this.records.get(key);
    record?.steps.shift();
    if (record?.steps.length === 0) this.records.delete(key);
    else if (record !== undefined) record.truncated = true;
    this.oldest += 1;
    if (this.oldest < stepsMax) return;
    this.subjects = this.subjects.slice(this.oldest);
    // Not zero: that something was forgotten is still true.
    this.subjects.unshift("");
    this.oldest = 1;
  }
}

function keyOf({ kind, appId, id }: TraceSubject): string {
  return kind + keyText(appId, id);
}
