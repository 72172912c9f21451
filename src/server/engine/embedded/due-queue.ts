/** A place in a queue, by which its value is removed. */
export interface DueEntry<T> {
  readonly dueMs: number;
  readonly value: T;
  /** Orders entries that are due at the same time: the one added first comes first. */
  readonly sequence: number;
  /** Where the entry stands in the heap. */
  index: number;
}

/** Values by the time at which they fall due: a binary heap whose entries know their place, so any of them can go. */
export class DueQueue<T> {
  readonly #heap: DueEntry<T>[] = [];
  #sequence = 0;

  add(dueMs: number, value: T): DueEntry<T> {
    this.#sequence += 1;
    const entry = { dueMs, value, sequence: this.#sequence, index: this.#heap.length };
    this.#rise(entry);
    return entry;
  }

  /** Removes an entry, which must be in the queue. */
  remove(entry: DueEntry<T>): void {
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.index = entry.index;
    this.#rise(last);
    this.#sink(last);
  }

  /** Values that are due at a time, the earliest first. They stay in the queue. */
  due(nowMs: number, limit: number): T[] {
    const due: DueEntry<T>[] = [];
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= nowMs && due.length < limit; next = this.#heap[0]) {
      due.push(next);
      this.remove(next);
    }
    for (const entry of due) {
      entry.index = this.#heap.length;
      this.#rise(entry);
    }
    return due.map((entry) => entry.value);
  }

  #rise(entry: DueEntry<T>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (parent === undefined || isBefore(parent, entry)) break;
      const { index } = parent;
      this.#place(parent, entry.index);
      entry.index = index;
    }
    this.#place(entry, entry.index);
  }

  #sink(entry: DueEntry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(entry, child)) break;
      const { index } = child;
      this.#place(child, entry.index);
      entry.index = index;
    }
    this.#place(entry, entry.index);
  }

  #place(entry: DueEntry<T>, index: number): void {
    entry.index = index;
    this.#heap[index] = entry;
  }
}

function isBefore<T>(one: DueEntry<T>, other: DueEntry<T>): boolean {
  return one.dueMs === other.dueMs ? one.sequence < other.sequence : one.dueMs < other.dueMs;
}
