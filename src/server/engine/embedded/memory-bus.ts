import type { Bus, Subscription } from "../ports/bus.js";
import type { Topic } from "../ports/topic.js";

interface Subscriber {
  /** Takes the messages of its topic, and no others. */
  readonly listener: (message: never) => void;
}

interface Delivery {
  readonly message: unknown;
  readonly topic: Set<Subscriber>;
  /** The subscribers at the time of publication: who comes later does not hear it. */
  readonly subscribers: readonly Subscriber[];
}

/**
 * A bus inside one process, where messages go as they are. One is heard before `publish` returns, unless a listener publishes it: then
 * it waits until the present delivery is done, so all listeners hear all messages in one order.
 */
export class MemoryBus implements Bus {
  readonly #topics = new Map<string, Set<Subscriber>>();
  readonly #deliveries: Delivery[] = [];
  #delivering = false;

  async publish<Message>(topic: Topic<Message>, message: Message): Promise<void> {
    this.publishNow(topic, message);
  }

  /** Publishes within the caller's own step. */
  publishNow<Message>({ name }: Topic<Message>, message: Message): void {
    const subscribers = this.#topics.get(name);
    if (subscribers === undefined) return;
    this.#deliveries.push({ message, topic: subscribers, subscribers: [...subscribers] });
    if (!this.#delivering) this.#deliverAll();
  }

  async subscribe<Message>({ name }: Topic<Message>, listener: (message: Message) => void): Promise<Subscription> {
    const subscriber = { listener };
    const subscribers = this.#topics.get(name) ?? new Set();
    this.#topics.set(name, subscribers.add(subscriber));
    return {
      end: async () => {
        subscribers.delete(subscriber);
        // A later subscription may have begun the topic anew.
        if (subscribers.size === 0 && this.#topics.get(name) === subscribers) this.#topics.delete(name);
      },
    };
  }

  #deliverAll(): void {
    this.#delivering = true;
    // Deliveries that listeners add are reached by the same loop.
    for (const delivery of this.#deliveries) deliver(delivery);
    this.#deliveries.length = 0;
    this.#delivering = false;
  }
}

function deliver({ message, topic, subscribers }: Delivery): void {
  for (const subscriber of subscribers) {
    if (!topic.has(subscriber)) continue;
    try {
      subscriber.listener(message as never);
    } catch (error) {
      // The others must hear the message all the same, and the fault must not go unseen.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
