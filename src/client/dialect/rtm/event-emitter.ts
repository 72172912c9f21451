/** The arguments that an event has. */
export type EventArguments<Event> = Event extends (...args: infer Arguments) => unknown ? Arguments : never;

/** Takes an event. What it returns is not looked at. */
export type EventListener<Event> = (...args: EventArguments<Event>) => unknown;

interface Registration {
  readonly listener: EventListener<never>;
  /** What is called: the listener, or what removes it first. */
  readonly run: EventListener<never>;
}

/** Listeners by event, as in the Web SDK. `Events` has a function for each event, whose parameters are the event's. */
export class EventEmitter<Events extends object> {
  readonly #registrations = new Map<keyof Events, readonly Registration[]>();

  /** Adds a listener. The same one added twice is called twice. */
  on<Name extends keyof Events>(event: Name, listener: EventListener<Events[Name]>): this {
    return this.#add(event, { listener, run: listener });
  }

  /** Adds a listener for the next event only. */
  once<Name extends keyof Events>(event: Name, listener: EventListener<Events[Name]>): this {
    const run: EventListener<Events[Name]> = (...args) => {
      this.#set(event, (others) => others.filter((other) => other !== registration));
      return listener(...args);
    };
    const registration = { listener, run };
    return this.#add(event, registration);
  }

  /** Removes a listener; of equal ones the latest. */
  off<Name extends keyof Events>(event: Name, listener: EventListener<Events[Name]>): this {
    const index = this.#of(event).findLastIndex((registration) => registration.listener === listener);
    return this.#set(event, (all) => all.filter((_, i) => i !== index));
  }

  /** Removes the listeners of an event, or all. */
  removeAllListeners(event?: keyof Events): this {
    if (event === undefined) this.#registrations.clear();
    else this.#registrations.delete(event);
    return this;
  }

  /** The listeners of an event. */
  listeners<Name extends keyof Events>(event: Name): EventListener<Events[Name]>[] {
    return this.#of(event).map(({ listener }) => listener as EventListener<Events[Name]>);
  }

  /** The listeners of an event, with what removes those of `once`. */
  rawListeners<Name extends keyof Events>(event: Name): EventListener<Events[Name]>[] {
    return this.#of(event).map(({ run }) => run as EventListener<Events[Name]>);
  }

  listenerCount(event: keyof Events): number {
    return this.#of(event).length;
  }

  #add(event: keyof Events, registration: Registration): this {
    return this.#set(event, (others) => [...others, registration]);
  }

  #set(event: keyof Events, change: (all: readonly Registration[]) => readonly Registration[]): this {
    this.#registrations.set(event, change(this.#of(event)));
    return this;
  }

  #of(event: keyof Events): readonly Registration[] {
    return this.#registrations.get(event) ?? [];
  }
}
