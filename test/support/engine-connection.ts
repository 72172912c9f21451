import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { MemoryRetryMemory } from "../../src/server/engine/embedded/memory-retry-memory.js";
import type { Engine } from "../../src/server/engine/engine.js";
import type { Subscription } from "../../src/server/engine/ports/bus.js";
import type { Topic } from "../../src/server/engine/ports/topic.js";
import { EngineUnavailable } from "../../src/server/engine/ports/unavailable.js";
import type { Clock } from "../../src/server/runtime.js";
import { Wire } from "./wire.js";

/** How often sessions are verified, in milliseconds. */
const verifyIntervalMs = 10_000;

type Listener = (message: Uint8Array) => void;

interface Subscribed {
  readonly topic: Topic<unknown>;
  readonly listener: (message: unknown) => void;
  readonly interrupted: (() => void) | undefined;
  inner: Promise<Subscription>;
}

/** The mail of one life of a node: what came while the node could not be reached waits. */
interface MailBox {
  readonly nodeId: string;
  readonly listener: Listener;
  readonly waiting: Uint8Array[];
}

/** How one node reaches an engine that it shares with others, and what goes wrong on the way: at first nothing. */
export class EngineConnection {
  /** The engine as the node sees it. Its `close` does nothing to the others. */
  readonly engine: Engine;
  /** How long the next request, answer or message of the bus takes, in milliseconds. What goes one way keeps its order. */
  delayMs: () => number = () => 0;
  /** True if the next publication on a topic is lost on its way to the node, without a word. */
  losesPublication: (topic: string) => boolean = () => false;
  /** True if the answer to the next call of a method, such as "invitations.replace", is lost: it is done, and rejects. */
  losesAnswer: (method: string) => boolean = () => false;
  #state: "up" | "cut" | "dead" = "up";
  readonly #there: Wire;
  readonly #back: Wire;
  readonly #subscriptions = new Set<Subscribed>();
  #mailBox: MailBox | undefined;

  constructor(
    private readonly present: () => Engine,
    clock: Clock,
    limits: Limits,
  ) {
    this.#there = new Wire(clock, () => this.delayMs());
    this.#back = new Wire(clock, () => this.delayMs());
    const retries = new MemoryRetryMemory({ clock, limits });
    this.engine = {
      nodes: this.#port("nodes", { enter: this.#enter }),
      sessions: this.#port("sessions", { verifyIntervalMs }),
      channels: this.#port("channels"),
      log: this.#port("log"),
      bus: this.#port("bus", { subscribe: this.#subscribe }),
      rates: this.#port("rates"),
      retries,
      attributes: this.#port("attributes"),
      inbox: this.#port("inbox"),
      invitations: this.#port("invitations"),
      bans: this.#port("bans"),
      revocations: this.#port("revocations"),
      health: () => (this.#state === "cut" ? "unreachable" : "ok"),
      close: async () => {},
    };
  }

  /** From now on calls reject, publications are lost, and mail waits. What is under way is lost too. */
  cut(): void {
    if (this.#state !== "up") return;
    this.#state = "cut";
    this.#there.break();
    this.#back.break();
  }

  /** Undoes `cut`: the node hears that the bus was interrupted, and its mail if it has not fallen. */
  heal(): void {
    if (this.#state !== "cut") return;
    this.#state = "up";
    this.interrupt();
    this.#deliverWaiting().catch(() => {});
  }

  /** Tells the node that publications may have been lost. */
  interrupt(): void {
    for (const { interrupted } of this.#subscriptions) if (interrupted !== undefined) this.#back.carry(interrupted);
  }

  /** The node's process stands still: what comes waits until `go`. */
  stop(): void {
    this.#back.hold();
  }

  go(): void {
    this.#back.release();
  }

  /** The node's process is dead: nothing that it has asked for comes back, and it hears nothing any more. */
  kill(): void {
    this.#state = "dead";
    this.#there.break();
    this.#back.break();
    for (const { inner } of this.#subscriptions) void inner.then((subscription) => subscription.end());
    this.#subscriptions.clear();
  }

  /** The engine has begun anew. */
  connectAnew(): void {
    for (const subscribed of this.#subscriptions) subscribed.inner = this.#begin(subscribed);
    if (this.#state === "up") this.interrupt();
  }

  /** A port that goes over the connection, but for what it has of its own. */
  #port<K extends keyof Engine>(name: K, own: object = {}): Engine[K] {
    const get = (_: object, key: string) => {
      if (key in own) return own[key as never];
      const method = this.#methodOf(name, key);
      return typeof method === "function"
        ? (...args: unknown[]) => this.#call(`${name}.${key}`, () => method(...args))
        : method;
    };
    return new Proxy({}, { get }) as Engine[K];
  }

  /** A method of the engine as it is when it is called, or a plain value. */
  #methodOf(name: keyof Engine, key: string): ((...args: unknown[]) => Promise<unknown>) | undefined {
    const portOf = () => this.present()[name] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    if (typeof portOf()[key] !== "function") return portOf()[key];
    return (...args) => portOf()[key]?.(...args) ?? Promise.reject(new Error(`there is no ${key}`));
  }

  #call<T>(method: string, work: () => Promise<T>): Promise<T> {
    if (this.#state === "dead") return new Promise(() => {});
    if (this.#state === "cut") return Promise.reject(new EngineUnavailable("the engine cannot be reached"));
    return new Promise<T>((resolve, reject) => {
      const lose = () => {
        if (this.#state !== "dead") reject(new EngineUnavailable("the connection to the engine broke"));
      };
      const answer = (settle: () => void) => (this.#state === "up" ? this.#back.carry(settle, lose) : lose());
      this.#there.carry(() => {
        const isLost = this.losesAnswer(method);
        work().then(
          (result) => answer(isLost ? lose : () => resolve(result)),
          (failure) => answer(() => reject(failure)),
        );
      }, lose);
    });
  }

  readonly #subscribe = async (
    topic: Topic<unknown>,
    listener: (message: unknown) => void,
    interrupted?: () => void,
  ): Promise<Subscription> => {
    const subscribed = await this.#call("bus.subscribe", async () => {
      const begun: Subscribed = { topic, listener, interrupted, inner: this.#none };
      begun.inner = this.#begin(begun);
      this.#subscriptions.add(begun);
      await begun.inner;
      return begun;
    });
    return {
      end: async () => {
        this.#subscriptions.delete(subscribed);
        await (await subscribed.inner).end();
      },
    };
  };

  readonly #none: Promise<Subscription> = Promise.resolve({ end: async () => {} });

  #begin(subscribed: Subscribed): Promise<Subscription> {
    const { topic, listener } = subscribed;
    const hear = (bytes: Uint8Array) => {
      if (this.#subscriptions.has(subscribed)) listener(readBack(topic, bytes));
    };
    return this.present().bus.subscribe(topic, (message) => {
      const bytes = topic.kind.encode(message);
      if (this.#state === "up" && !this.losesPublication(topic.name)) this.#back.carry(() => hear(bytes));
    });
  }

  readonly #enter = (nodeId: string, listener: Listener): Promise<boolean> =>
    this.#call("nodes.enter", () => {
      const box: MailBox = { nodeId, listener, waiting: [] };
      this.#mailBox = box;
      return this.present().nodes.enter(nodeId, (message) => {
        if (this.#state === "cut" || box.waiting.length > 0) box.waiting.push(message);
        else this.#deliver(box, message);
      });
    });

  #deliver(box: MailBox, message: Uint8Array): void {
    const hear = () => {
      if (this.#mailBox === box) box.listener(message);
    };
    if (this.#state === "up") this.#back.carry(hear, () => box.waiting.push(message));
  }

  async #deliverWaiting(): Promise<void> {
    const box = this.#mailBox;
    const nodes = await this.present().nodes.list();
    // Meanwhile it may have been cut off again.
    if (box === undefined || this.#state !== "up") return;
    const waiting = box.waiting.splice(0);
    if (nodes.some(({ nodeId }) => nodeId === box.nodeId)) for (const message of waiting) this.#deliver(box, message);
  }
}

/** What a node finds in the bytes that another one has published. */
function readBack({ name, kind }: Topic<unknown>, bytes: Uint8Array): unknown {
  const decoded = kind.decode(bytes);
  if (!decoded.ok || decoded.value === undefined) throw new Error(`what was published on ${name} cannot be read`);
  return decoded.value;
}
