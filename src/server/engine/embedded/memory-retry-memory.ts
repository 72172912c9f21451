import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { attempt } from "../../attempt.js";
import type { Clock } from "../../runtime.js";
import type { RetryMemory } from "../ports/retry-memory.js";
import { AgeingMap } from "./ageing-map.js";

/** The most outcomes kept, about 50 MB: more requests than that within `retryMemoryMs` shorten the memory for all. */
const maxOutcomes = 100_000;

/** A retry memory inside one process. An outcome is kept as the promise that the task gave. */
export class MemoryRetryMemory implements RetryMemory {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #outcomes: AgeingMap<Promise<unknown>>;

  constructor({ clock, limits }: { clock: Clock; limits: Limits }) {
    this.#outcomes = new AgeingMap(clock, { ageMs: limits.retryMemoryMs, maxEntries: maxOutcomes });
  }

  once<T>(key: string, task: () => Promise<T>, isFinal: (outcome: T) => boolean = () => true): Promise<T> {
    const known = this.#running.get(key) ?? this.#outcomes.get(key);
    // A key belongs to one kind of request, so its outcome has the type that this one asks for.
    if (known !== undefined) return known as Promise<T>;
    // Within the caller's own step, so requests with and without a key keep their order.
    const run = attempt(task);
    this.#running.set(key, run);
    run.then(
      (outcome) => {
        this.#running.delete(key);
        if (isFinal(outcome)) this.#outcomes.set(key, run);
      },
      () => this.#running.delete(key),
    );
    return run;
  }

  /** Frees the memory of outcomes that have expired. */
  sweep(): void {
    this.#outcomes.sweep();
  }
}
