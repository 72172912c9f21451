import { Cluster } from "ioredis";
import type { RedisTarget } from "../../../config/redis-target.js";
import type { Runtime, Timer } from "../../../runtime.js";
import type { Bus, Subscription } from "../../ports/bus.js";
import type { Topic } from "../../ports/topic.js";
import { EngineUnavailable } from "../../ports/unavailable.js";
import { createHearingClient } from "../client.js";
import { patienceMs } from "../connection.js";
import { keyOf } from "../keys.js";
import type { Runner } from "../runner.js";
import { publish } from "../scripts/publish.js";
import { ClusterEars } from "./cluster-ears.js";
import { Ear, type EarObserver, type Ears } from "./ear.js";
import { ShardChannel } from "./shard-channel.js";

/** How long a topic is still heard after its last listener has gone, so that one who comes back soon costs nothing, in milliseconds. */
const lingerMs = 5000;

export interface RedisBusParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  readonly target: RedisTarget;
  /** Hears of what a node has published and this one cannot read. */
  readonly report: (failure: unknown) => void;
}

/** A topic is a shard channel. It is subscribed to once, however many listen to it. */
export class RedisBus implements Bus {
  readonly #runner: Runner;
  readonly #runtime: Runtime;
  readonly #ears: Ears;
  readonly #report: (failure: unknown) => void;
  /** By their names. */
  readonly #channels = new Map<string, ShardChannel>();
  readonly #lingering = new Map<string, Timer>();
  /** The shard channels that should be heard and are not: after an interruption, or since nobody could wait longer for the first time. */
  readonly #deafTo = new Set<string>();

  constructor({ runner, runtime, target, report }: RedisBusParts) {
    this.#runner = runner;
    this.#runtime = runtime;
    this.#report = report;
    this.#ears = this.#makeEars(target);
  }

  /** The topics that should be heard and are not. A new one is given a few seconds before it counts. */
  get deafTopics(): number {
    return this.#deafTo.size;
  }

  async publish<Message>({ name, kind }: Topic<Message>, message: Message): Promise<void> {
    await this.#runner.run(publish, name, { message: kind.encode(message) });
  }

  async subscribe<Message>(
    topic: Topic<Message>,
    listener: (message: Message) => void,
    interrupted: () => void = () => {},
  ): Promise<Subscription> {
    const name = keyOf(this.#runner.prefix, topic.name);
    const channel = this.#channelOf(name);
    // What was published before must not be heard. If it cannot be waited for, the topic is heard anew first.
    if (channel.isHeard) await this.#ears.catchUp(name).catch(() => {});
    return new Promise((resolve, reject) => {
      const patience = this.#runtime.clock.after(patienceMs, () => {
        if (!channel.isHeard) this.#deafTo.add(name);
        end();
        reject(new EngineUnavailable("Redis cannot be listened to"));
      });
      const begin = () => {
        patience.cancel();
        resolve({ end: async () => end() });
      };
      const subscriber = channel.add((bytes) => this.#read(topic, bytes, listener), interrupted, begin);
      const end = () => {
        channel.remove(subscriber);
        this.#lingerOn(name, channel);
      };
    });
  }

  close(): void {
    for (const timer of this.#lingering.values()) timer.cancel();
    this.#lingering.clear();
    this.#channels.clear();
    this.#deafTo.clear();
    this.#ears.close();
  }

  #read<Message>({ kind }: Topic<Message>, bytes: Uint8Array, listener: (message: Message) => void): void {
    const decoded = kind.decode(bytes);
    if (!decoded.ok) this.#report(new Error(`what a node has published cannot be read: ${decoded.problem}`));
    else if (decoded.value !== undefined) listener(decoded.value);
  }

  #channelOf(name: string): ShardChannel {
    this.#lingering.get(name)?.cancel();
    this.#lingering.delete(name);
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const channel = new ShardChannel();
    this.#channels.set(name, channel);
    this.#ears.listen(name);
    return channel;
  }

  #lingerOn(name: string, channel: ShardChannel): void {
    if (!channel.isEmpty || this.#channels.get(name) !== channel || this.#lingering.has(name)) return;
    const drop = () => {
      this.#lingering.delete(name);
      this.#channels.delete(name);
      this.#deafTo.delete(name);
      this.#ears.drop(name);
    };
    this.#lingering.set(name, this.#runtime.clock.after(lingerMs, drop));
  }

  #makeEars(target: RedisTarget): Ears {
    const { client } = this.#runner.connection;
    const observer: EarObserver = {
      heard: (name, message) => this.#channels.get(name)?.hear(message),
      hears: (name) => {
        this.#deafTo.delete(name);
        this.#channels.get(name)?.hears();
      },
      interrupted: (name) => {
        // Who has just closed hears of it too.
        if (this.#channels.has(name)) this.#deafTo.add(name);
        this.#channels.get(name)?.interrupt();
      },
    };
    const makeClient = (at?: { host: string; port: number }) => createHearingClient(target, this.#runtime, at);
    if (client instanceof Cluster) return new ClusterEars(client, makeClient, observer, this.#runtime.clock);
    return new Ear(makeClient(), observer, this.#runtime.clock);
  }
}
