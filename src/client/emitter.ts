import type { Logger } from "./logger.js";

/** Takes one kind of event. */
export type Listener<T> = (event: T) => void;

/** Tells listeners of events, by name, in the order in which they were added. */
export class Emitter<Events extends object> {
  readonly #logger: Logger;
  readonly #listeners: { [K in keyof Events]?: Listener<Events[K]>[] } = {};

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Adds a listener and returns what removes it. The same function added twice is called twice. */
  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    // A wrapper of its own, so that removing one of two equal listeners leaves the other.
    const entry: Listener<Events[K]> = (event) => listener(event);
    this.#listeners[name] = [...this.#of(name), entry];
    return () => {
      this.#listeners[name] = this.#of(name).filter((other) => other !== entry);
    };
  }

  /** Calls the listeners that are there now. One that throws is reported to the logger; the next is called all the same. */
  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of this.#of(name)) {
      try {
        listener(event);
      } catch (thrown) {
        this.#logger.warn(`A listener of "${String(name)}" threw.`, thrown);
      }
    }
  }

  #of<K extends keyof Events>(name: K): Listener<Events[K]>[] {
    return this.#listeners[name] ?? [];
  }
}
