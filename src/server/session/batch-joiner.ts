import { Slab } from "../slab.js";
import { Frame } from "./frame.js";
import { eventsOf, isResult, isSegment, type QueueEntry, sizeOf } from "./queue-entry.js";

/** The joined batches that are remembered, the newest ones: members of one channel flush one after another. */
const maxRemembered = 16;

interface Joined {
  readonly batch: readonly QueueEntry[];
  readonly frame: Frame;
}

const resultsTag = 0x12; // field 2 of ConnectResponse, length-delimited
const afterEventsTag = 51 << 3; // field 51 of CallResult, varint

/** At most so many bytes stand around a result in a batch: two tags, a length and a number. */
const resultOverhead = 16;

/** The bytes that an entry adds to a batch, at most. */
export function sizeInBatch(entry: QueueEntry): number {
  return isResult(entry) ? sizeOf(entry) + resultOverhead : sizeOf(entry);
}

/**
 * Joins the entries of batches to frames. Sessions with the same batch share one frame: for a message to a thousand members
 * there is one copy, not a thousand.
 */
export class BatchJoiner {
  /** By their first entry, in the order in which they were joined. */
  private readonly remembered = new Map<QueueEntry, Joined>();
  /** For results until their frame is sent. */
  private readonly slab = new Slab();

  /** The frame of a batch: the entries, at least one, from an index up to another one. */
  join(entries: readonly QueueEntry[], from = 0, to = entries.length): Frame {
    const first = entries[from];
    if (first === undefined || isResult(first)) return this.joined(entries.slice(from, to));
    const known = this.remembered.get(first);
    if (known !== undefined && isAt(from, to, entries, known.batch)) return known.frame;
    const batch = entries.slice(from, to);
    const frame = this.joined(batch);
    if (isSegment(first) || first.settled === undefined) this.remember(first, { batch, frame });
    return frame;
  }

  private joined(batch: readonly QueueEntry[]): Frame {
    const pieces: Uint8Array[] = [];
    let events = 0;
    for (const entry of batch) {
      if (isSegment(entry)) for (const { bytes } of entry.pieces) pieces.push(bytes);
      else pieces.push(isResult(entry) ? this.placed(entry.bytes, events) : entry.bytes);
      events += eventsOf(entry);
    }
    return new Frame(pieces);
  }

  /** A complete `results` entry: the result with its place among the events of its batch. */
  private placed(result: Uint8Array, afterEvents: number): Uint8Array {
    return this.slab.written((writer) => {
      writer.uint32(resultsTag).fork().raw(result);
      if (afterEvents > 0) writer.uint32(afterEventsTag).uint32(afterEvents);
      writer.join();
    });
  }

  private remember(first: QueueEntry, made: Joined): void {
    this.remembered.delete(first);
    this.remembered.set(first, made);
    for (const oldest of this.remembered.keys()) {
      if (this.remembered.size <= maxRemembered) break;
      this.remembered.delete(oldest);
    }
  }
}

/** True if a batch is what stands from an index up to another one. */
function isAt(from: number, to: number, entries: readonly QueueEntry[], batch: readonly QueueEntry[]): boolean {
  if (to - from !== batch.length) return false;
  for (let i = from; i < to; i += 1) if (entries[i] !== batch[i - from]) return false;
  return true;
}
