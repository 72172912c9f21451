import { Cluster, type Redis } from "ioredis";
import { describeRedis, type RedisTarget } from "../../config/redis-target.js";
import type { Clock, Runtime } from "../../runtime.js";
import { EngineUnavailable } from "../ports/unavailable.js";
import { type ByteScripts, createClient, type RedisClient } from "./client.js";
import { RedisLife } from "./life.js";
import { slotOf } from "./slot.js";
import { refusalOf } from "./survey/refusal.js";

/** How long a start waits for Redis, in milliseconds. */
const startPatienceMs = 10_000;

/** How long calls wait for a connection that was lost, counted from its loss, in milliseconds. Later ones fail at once. */
export const patienceMs = 3000;

/** What Redis says to a client that it never lets in, and Sentinels to one that asks for a wrong name: to try again does not help. */
const hopeless =
  /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|AUTH|DB index|Client sent AUTH|This instance has cluster support disabled))|No such master|sentinels.*(WRONGPASS|NOAUTH|invalid password)/;

export interface ConnectionObserver {
  /** The connection is lost, or is back. Each is told once. */
  onConnection(isThere: boolean): void;
}

/**
 * The connection over which calls go. It is there while Redis can be asked and its life is known; when it breaks, all that is
 * under way is rejected, and it comes back by itself.
 */
export class Connection {
  readonly client: RedisClient;
  readonly #clock: Clock;
  readonly #observer: ConnectionObserver;
  readonly #life: RedisLife;
  readonly #returns: (() => void)[] = [];
  #waiting: (() => void)[] = [];
  #lostAt: number;
  #isThere = false;
  #lastError: Error | undefined;
  #closed = false;

  private constructor(target: RedisTarget, runtime: Runtime, observer: ConnectionObserver) {
    this.#clock = runtime.clock;
    this.#observer = observer;
    this.#lostAt = runtime.clock.monotonic();
    this.client = createClient(target, runtime);
    this.#life = new RedisLife(this.client);
    // Without a listener an error would end the process; what it means for calls they hear themselves.
    this.client.on("error", (error: Error) => {
      this.#lastError = error;
    });
    this.client.on("ready", () => void this.#arrive());
    this.client.on("close", () => this.#lose());
  }

  /** Connects. Rejects with an `Error` that says why if Redis does not let the node in, or cannot be reached for some seconds. */
  static async open(target: RedisTarget, runtime: Runtime, observer: ConnectionObserver): Promise<Connection> {
    const connection = new Connection(target, runtime, observer);
    const until = runtime.clock.monotonic() + startPatienceMs;
    connection.client.connect().catch(() => {});
    while (!connection.isThere) {
      const error = connection.#lastError;
      if (hopeless.test(error?.message ?? "") || runtime.clock.monotonic() >= until) {
        connection.close();
        const { found, advice } = refusalOf(error ?? new Error("timeout"));
        throw new Error(`Redis at ${describeRedis(target)} cannot be used: ${found}. ${advice}`, { cause: error });
      }
      await new Promise<void>((resolve) => runtime.clock.after(20, resolve));
    }
    return connection;
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  /**
   * A name of the server's present life. Another one says that it was started anew, or that another one took its place. Empty in
   * a cluster, where a script must ask the server that runs it.
   */
  get life(): string {
    return this.#life.name;
  }

  /** Calls a task each time that the connection is back, before any call that waits for it goes on. */
  onReturn(task: () => void): void {
    this.#returns.push(task);
  }

  /** Waits until the connection is there. Those who wait go on in the order in which they came. Rejects when patience is over. */
  async available(): Promise<void> {
    if (this.#isThere) return;
    const leftMs = this.#lostAt + patienceMs - this.#clock.monotonic();
    if (this.#closed || leftMs <= 0) throw this.#unavailable();
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(leftMs, resolve);
      this.#waiting.push(() => {
        timer.cancel();
        resolve();
      });
    });
    if (!this.#isThere) throw this.#unavailable();
  }

  /**
   * The client of the server that has a key. It gives each answer to the caller, while that of a whole cluster would ask again by
   * itself, and later calls could overtake. Throws if the server is not known or cannot be asked now.
   */
  serverOf(key: string): Redis & ByteScripts {
    const { client } = this;
    if (!(client instanceof Cluster)) return client;
    const address = client.slots[slotOf(key)]?.[0];
    const server = client.nodes("all").find(({ options: { host, port } }) => `${host}:${port}` === address);
    // One that waits connects now; its calls wait for that.
    if (server?.status !== "ready" && server?.status !== "wait") throw new Error(`no connection to ${address}`);
    return server as Redis & ByteScripts;
  }

  /** A slot is not where it was: learns anew where all of them are. Does nothing where there is no cluster. */
  findSlots(): void {
    if (this.client instanceof Cluster) this.client.refreshSlotsCache();
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
    this.#release();
  }

  async #arrive(): Promise<void> {
    try {
      await this.#life.learn();
    } catch {
      // The connection broke again, or the server is not one that serves: it is tried anew.
      this.client.disconnect(true);
      return;
    }
    if (this.#closed || this.#isThere) return;
    this.#isThere = true;
    this.#observer.onConnection(true);
    for (const task of this.#returns) task();
    this.#release();
  }

  #lose(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    this.#lostAt = this.#clock.monotonic();
    if (!this.#closed) this.#observer.onConnection(false);
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #unavailable(): EngineUnavailable {
    return new EngineUnavailable(`Redis cannot be reached: ${this.#lastError?.message ?? "the connection is closed"}`);
  }
}
