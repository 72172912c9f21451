interface Subscriber {
  readonly listener: (message: Uint8Array) => void;
  readonly interrupted: () => void;
  /** Ends the wait for the first moment from which all is heard. Undefined when it is over. */
  begin: (() => void) | undefined;
}

/** The listeners of one node to one shard channel, which is what Redis has for a topic. */
export class ShardChannel {
  readonly #subscribers = new Set<Subscriber>();
  #hears = false;

  get isHeard(): boolean {
    return this.#hears;
  }

  get isEmpty(): boolean {
    return this.#subscribers.size === 0;
  }

  /** Adds a listener. `begin` is called once, when every later message will be heard: at once if that is so already. */
  add(listener: (message: Uint8Array) => void, interrupted: () => void, begin: () => void): Subscriber {
    const subscriber: Subscriber = { listener, interrupted, begin: this.#hears ? undefined : begin };
    this.#subscribers.add(subscriber);
    if (this.#hears) begin();
    return subscriber;
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** A message for all listeners. */
  hear(message: Uint8Array): void {
    this.#tell(({ listener }) => listener(message));
  }

  /** Messages may be missed until `hears`. */
  interrupt(): void {
    this.#hears = false;
  }

  /** All later messages are heard: who waits for that goes on, and the others learn that they may have missed some. */
  hears(): void {
    this.#hears = true;
    this.#tell((subscriber) => {
      const { begin = subscriber.interrupted } = subscriber;
      subscriber.begin = undefined;
      begin();
    });
  }

  /** Calls those who are subscribed, but for those who end meanwhile and those who come meanwhile. */
  #tell(call: (subscriber: Subscriber) => void): void {
    for (const subscriber of [...this.#subscribers]) {
      if (!this.#subscribers.has(subscriber)) continue;
      try {
        call(subscriber);
      } catch (error) {
        // The others must hear it all the same, and the fault must not go unseen.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
