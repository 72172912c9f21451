import type { Clock } from "../../runtime.js";

interface Aged<V> {
  readonly value: V;
  readonly setAtMs: number;
}

/**
 * A map whose entries are gone `ageMs` milliseconds after they were last set, to the moment. Their memory is freed within twice
 * that time: entries live in two generations, and when all of the older one are gone it is dropped as a whole.
 */
export class AgeingMap<V> {
  readonly #clock: Clock;
  readonly #ageMs: number;
  readonly #maxEntries: number;
  #young = new Map<string, Aged<V>>();
  #old = new Map<string, Aged<V>>();
  /** When the present young generation began. */
  #bornAtMs: number;

  /** There are never more than `maxEntries` (default: no bound): those set first go early, but never one of the last half. */
  constructor(clock: Clock, { ageMs, maxEntries = Number.POSITIVE_INFINITY }: { ageMs: number; maxEntries?: number }) {
    this.#clock = clock;
    this.#ageMs = ageMs;
    this.#maxEntries = maxEntries;
    this.#bornAtMs = clock.monotonic();
  }

  get(key: string): V | undefined {
    const entry = this.#young.get(key) ?? this.#old.get(key);
    return entry === undefined || this.#isOver(entry.setAtMs) ? undefined : entry.value;
  }

  /** Sets an entry, and begins its age anew. */
  set(key: string, value: V): void {
    if (this.#young.size >= this.#maxEntries / 2) this.#beginGeneration();
    this.#young.set(key, { value, setAtMs: this.#clock.monotonic() });
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** Frees the memory of entries that are gone. To be called from time to time. */
  sweep(): void {
    if (this.#isOver(this.#bornAtMs)) this.#beginGeneration();
  }

  #beginGeneration(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#bornAtMs = this.#clock.monotonic();
  }

  #isOver(sinceMs: number): boolean {
    return sinceMs + this.#ageMs <= this.#clock.monotonic();
  }
}
