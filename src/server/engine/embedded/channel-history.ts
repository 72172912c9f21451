import type { LogRecord } from "../ports/channel-log.js";

interface TimedRecord extends LogRecord {
  readonly storedAtMs: number;
}

/** The latest records of one channel. Their offsets follow each other without a hole. */
export class ChannelHistory {
  readonly #records = new Map<number, TimedRecord>();
  #newest = 0;

  get size(): number {
    return this.#records.size;
  }

  /** Adds the record behind the newest, and drops the oldest ones above `limit`. */
  append(record: LogRecord, storedAtMs: number, limit: number): void {
    this.#records.set(record.offset, { ...record, storedAtMs });
    this.#newest = record.offset;
    while (this.size > limit) this.#records.delete(this.#oldest);
  }

  /** Drops what has been stored for `ageMs` milliseconds. */
  expire(nowMs: number, ageMs: number): void {
    for (let record = this.#records.get(this.#oldest); record !== undefined; record = this.#records.get(this.#oldest)) {
      if (record.storedAtMs + ageMs > nowMs) return;
      this.#records.delete(record.offset);
    }
  }

  /** Records from one offset on, towards newer (step 1) or older (step -1) ones, as far as there are any. */
  from(offset: number, step: 1 | -1, limit: number): LogRecord[] {
    const records: LogRecord[] = [];
    for (let next = offset; records.length < limit; next += step) {
      const record = this.#records.get(next);
      if (record === undefined) break;
      records.push({ offset: record.offset, sender: record.sender, message: record.message });
    }
    return records;
  }

  get #oldest(): number {
    return this.#newest - this.size + 1;
  }
}
