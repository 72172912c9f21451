import { Cluster } from "ioredis";
import type { RedisTarget } from "../../../config/redis-target.js";
import type { Runtime, Timer } from "../../../runtime.js";
import type { Bus, Subscription } from "../../ports/bus.js";
import { EngineUnavailable } from "../../ports/unavailable.js";
import { createHearingClient } from "../client.js";
import { patienceMs } from "../connection.js";
import { keyOf } from "../keys.js";
import type { Runner } from "../runner.js";
import { publish } from "../scripts/publish.js";
import { ClusterEars } from "./cluster-ears.js";
import { Ear, type EarObserver, type Ears } from "./ear.js";
import { Topic } from "./topic.js";

/** How long a topic is still heard after its last listener has gone, so that one who comes back soon costs nothing, in milliseconds. */
const lingerMs = 5000;

/** A topic is a shard channel. It is subscribed to once, however many listen to it. */
export class RedisBus implements Bus {
  readonly #runner: Runner;
  readonly #runtime: Runtime;
  readonly #ears: Ears;
  /** By shard channel. */
  readonly #topics = new Map<string, Topic>();
  readonly #lingering = new Map<string, Timer>();
  /** The shard channels that should be heard and are not: after an interruption, or since nobody could wait longer for the first time. */
  readonly #deafTo = new Set<string>();

  constructor({ runner, runtime, target }: { runner: Runner; runtime: Runtime; target: RedisTarget }) {
    this.#runner = runner;
    this.#runtime = runtime;
    this.#ears = this.#makeEars(target);
  }

  /** The topics that should be heard and are not. A new one is given a few seconds before it counts. */
  get deafTopics(): number {
    return this.#deafTo.size;
  }

  async publish(topic: string, message: Uint8Array): Promise<void> {
    await this.#runner.run(publish, topic, { message });
  }

  async subscribe(
    topicName: string,
    listener: (message: Uint8Array) => void,
    interrupted: () => void = () => {},
  ): Promise<Subscription> {
    const channel = keyOf(this.#runner.prefix, topicName);
    const topic = this.#topicOf(channel);
    // What was published before must not be heard. If it cannot be waited for, the topic is heard anew first.
    if (topic.isHeard) await this.#ears.catchUp(channel).catch(() => {});
    return new Promise((resolve, reject) => {
      const patience = this.#runtime.clock.after(patienceMs, () => {
        if (!topic.isHeard) this.#deafTo.add(channel);
        end();
        reject(new EngineUnavailable("Redis cannot be listened to"));
      });
      const begin = () => {
        patience.cancel();
        resolve({ end: async () => end() });
      };
      const subscriber = topic.add(listener, interrupted, begin);
      const end = () => {
        topic.remove(subscriber);
        this.#lingerOn(channel, topic);
      };
    });
  }

  close(): void {
    for (const timer of this.#lingering.values()) timer.cancel();
    this.#lingering.clear();
    this.#topics.clear();
    this.#deafTo.clear();
    this.#ears.close();
  }

  #topicOf(channel: string): Topic {
    this.#lingering.get(channel)?.cancel();
    this.#lingering.delete(channel);
    const known = this.#topics.get(channel);
    if (known !== undefined) return known;
    const topic = new Topic();
    this.#topics.set(channel, topic);
    this.#ears.listen(channel);
    return topic;
  }

  #lingerOn(channel: string, topic: Topic): void {
    if (!topic.isEmpty || this.#topics.get(channel) !== topic || this.#lingering.has(channel)) return;
    const drop = () => {
      this.#lingering.delete(channel);
      this.#topics.delete(channel);
      this.#deafTo.delete(channel);
      this.#ears.drop(channel);
    };
    this.#lingering.set(channel, this.#runtime.clock.after(lingerMs, drop));
  }

  #makeEars(target: RedisTarget): Ears {
    const { client } = this.#runner.connection;
    const observer: EarObserver = {
      heard: (channel, message) => this.#topics.get(channel)?.hear(message),
      hears: (channel) => {
        this.#deafTo.delete(channel);
        this.#topics.get(channel)?.hears();
      },
      interrupted: (channel) => {
        // Who has just closed hears of it too.
        if (this.#topics.has(channel)) this.#deafTo.add(channel);
        this.#topics.get(channel)?.interrupt();
      },
    };
    const makeClient = (at?: { host: string; port: number }) => createHearingClient(target, this.#runtime, at);
    if (client instanceof Cluster) return new ClusterEars(client, makeClient, observer, this.#runtime.clock);
    return new Ear(makeClient(), observer, this.#runtime.clock);
  }
}
