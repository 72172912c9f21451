import { sizeInBatch } from "./batch-joiner.js";
import type { QueueEntry } from "./queue-entry.js";

/** The room in a batch of at most so many bytes; the first entry always fits. */
export class BatchRoom {
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Takes an entry in, if there is one and it fits. */
  takes(entry: QueueEntry | undefined): boolean {
    if (entry === undefined) return false;
    const isFirst = this.bytes === 0;
    this.bytes += sizeInBatch(entry);
    return isFirst || this.bytes <= this.maxBytes;
  }
}
