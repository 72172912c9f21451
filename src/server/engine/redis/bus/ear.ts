import type { Redis } from "ioredis";
import type { Clock, Timer } from "../../../runtime.js";

/** What is told of the shard channels that are listened to. */
export interface EarObserver {
  heard(channel: string, message: Uint8Array): void;
  /** Every later message of a channel will be heard. Told again after each interruption. */
  hears(channel: string): void;
  /** Messages of a channel may be missed from now on. */
  interrupted(channel: string): void;
}

/** Hears shard channels, each from the server that has it. */
export interface Ears {
  /** Begins to listen to a channel, and goes on over broken connections. */
  listen(channel: string): void;
  /** Resolves when all has been heard that was published before. Rejects if the connection is lost. */
  catchUp(channel: string): Promise<void>;
  /** Hears no more of a channel. */
  drop(channel: string): void;
  close(): void;
}

/** How often a server that has nothing to say is asked for a sign of life, so that a dead connection is found. */
const pingIntervalMs = 1000;
/** The subscriptions that are under way at once, so that many of them do not hold up what is heard meanwhile. */
const batch = 500;
/** The pause before a subscription that the server has refused is tried again, in milliseconds. */
const pauseMs = 200;

interface Listening {
  /** Whether the channel is heard at present. */
  hears: boolean;
}

/** One connection on which shard channels of one server are heard. It is made with the first channel. */
export class Ear implements Ears {
  readonly #channels = new Map<string, Listening>();
  #ping: Timer | undefined;
  #retry: Timer | undefined;
  #subscribing = false;

  /** `refused` is called when the server does not have a channel that is listened to. */
  constructor(
    private readonly client: Redis,
    private readonly observer: EarObserver,
    private readonly clock: Clock,
    private readonly refused = () => {},
  ) {
    // What an error means is known from what follows: the connection closes, and comes back.
    client.on("error", () => {});
    client.on("ready", () => void this.#subscribeAll());
    client.on("close", () => this.#deafen());
    client.on("moved", () => this.#onMoved());
    client.on("smessageBuffer", (channel: Buffer, message: Buffer) => observer.heard(channel.toString(), message));
  }

  get channels(): Iterable<string> {
    return this.#channels.keys();
  }

  listen(channel: string): void {
    if (this.#channels.has(channel)) return;
    const listening = { hears: false };
    this.#channels.set(channel, listening);
    if (this.client.status === "wait") this.#connect();
    else if (this.client.status === "ready") void this.#subscribe(channel, listening);
  }

  async catchUp(): Promise<void> {
    await this.client.ping();
  }

  drop(channel: string): void {
    this.#channels.delete(channel);
    if (this.client.status === "ready") this.client.sunsubscribe(channel).catch(() => {});
  }

  close(): void {
    this.#ping?.cancel();
    this.#retry?.cancel();
    this.#channels.clear();
    this.client.disconnect();
  }

  #connect(): void {
    this.client.connect().catch(() => {});
    this.#ping = this.clock.every(pingIntervalMs, () => {
      if (this.client.status === "ready") this.client.ping().catch(() => {});
    });
  }

  async #subscribeAll(): Promise<void> {
    if (this.#subscribing) return;
    this.#subscribing = true;
    for (let left = this.#deaf(); left.length > 0 && this.client.status === "ready"; left = this.#deaf()) {
      const subscribed = await Promise.all(left.slice(0, batch).map((entry) => this.#subscribe(...entry)));
      if (!subscribed.every(Boolean)) break;
    }
    this.#subscribing = false;
  }

  #deaf(): [string, Listening][] {
    return [...this.#channels].filter(([, { hears }]) => !hears);
  }

  /** False if it must be tried again, which is planned. */
  async #subscribe(channel: string, listening: Listening): Promise<boolean> {
    try {
      await this.client.ssubscribe(channel);
    } catch {
      // Without a connection its return begins anew.
      if (this.client.status === "ready") this.#tryLater();
      return false;
    }
    // It may have been dropped, or the connection lost, meanwhile.
    if (this.client.status !== "ready" || this.#channels.get(channel) !== listening || listening.hears) return true;
    listening.hears = true;
    this.observer.hears(channel);
    return true;
  }

  #tryLater(): void {
    this.refused();
    this.#retry?.cancel();
    this.#retry = this.clock.after(pauseMs, () => void this.#subscribeAll());
  }

  /** The server has given a channel away, and does not say which. */
  #onMoved(): void {
    this.#deafen();
    this.#tryLater();
  }

  #deafen(): void {
    for (const [channel, listening] of this.#channels) {
      if (!listening.hears) continue;
      listening.hears = false;
      this.observer.interrupted(channel);
    }
  }
}
