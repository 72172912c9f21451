import { type LimitName, type Limits, limitTable } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { Runtime } from "../../../runtime.js";
import { EngineExhausted, EngineUnavailable } from "../../ports/unavailable.js";
import { nodeTag } from "../keys.js";
import { numberOf } from "../reply.js";
import type { Runner } from "../runner.js";
import { sendMail } from "../scripts/mail.js";
import { encodeBatch } from "./batch.js";
import type { Waiting } from "./waiting.js";

/** What goes in one call: so many messages, or so many bytes unless one message has more. */
const batchMessages = 256;
const batchBytes = 256 * 1024;

/** How far the node's time may be from that of Redis, in milliseconds. */
const clockErrorMs = 10;

export interface OutgoingParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  /** What may wait here for one node, and what may wait in Redis for it: `nodeMailMessages` and `nodeMailBytes`. */
  readonly limits: Limits;
  /** Hears each time that one of the two has refused something. */
  readonly onLimit: (limit: LimitName) => void;
}

interface Letter {
  readonly message: Uint8Array;
  readonly resolve: (isHeard: boolean) => void;
  readonly reject: (failure: Error) => void;
}

/**
 * Mail to one node. One call is under way at a time, with all that has come together meanwhile; so the order is kept whatever
 * happens to a call, and the busier a node is the less a message costs.
 */
export class Outgoing {
  readonly #waiting: Letter[] = [];
  #waitingBytes = 0;
  #sending = false;

  /** `idle` is called when nothing waits any more. */
  constructor(
    private readonly parts: OutgoingParts,
    private readonly nodeId: string,
    private readonly idle: () => void,
  ) {}

  /** What waits here, without what is under way. */
  get waiting(): Waiting {
    return { messages: this.#waiting.length, bytes: this.#waitingBytes };
  }

  send(message: Uint8Array): Promise<boolean> {
    const { nodeMailMessages, nodeMailBytes } = this.parts.limits;
    if (this.#waiting.length >= nodeMailMessages) return Promise.reject(this.#exhausted("nodeMailMessages"));
    if (this.#waitingBytes + message.length > nodeMailBytes) return Promise.reject(this.#exhausted("nodeMailBytes"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#waitingBytes += message.length;
      if (!this.#sending) void this.#sendAll();
    });
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    // What the caller sends in the same step goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#sendBatch(this.#takeBatch());
    this.#sending = false;
    this.idle();
  }

  #takeBatch(): Letter[] {
    let count = 0;
    let bytes = 0;
    for (const { message } of this.#waiting) {
      if (count === batchMessages || (count > 0 && bytes + message.length > batchBytes)) break;
      count += 1;
      bytes += message.length;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #sendBatch(letters: readonly Letter[]): Promise<void> {
    const batch = encodeBatch(letters.map(({ message }) => message));
    const { runner, runtime, limits } = this.parts;
    const { nodeMailMessages: maxMessages, nodeMailBytes: maxBytes } = limits;
    const args = { count: letters.length, batch, maxMessages, maxBytes };
    const begunAtMs = runtime.clock.now();
    let doubtful = false;
    const onDoubt = () => {
      doubtful = true;
    };
    try {
      const openedUs = numberOf(await runner.run(sendMail, nodeTag(this.nodeId), args, { onDoubt }));
      if (openedUs < 0) throw this.#exhausted(openedUs === -1 ? "nodeMailMessages" : "nodeMailBytes");
      // The node may have heard it before Redis lost its data, and the box of that time with them.
      if (doubtful && (openedUs === 0 || openedUs / 1000 > begunAtMs + clockErrorMs)) {
        throw new EngineUnavailable("Redis gave no answer, and has lost the mailbox of the node since");
      }
      for (const { resolve } of letters) resolve(openedUs > 0);
    } catch (failure) {
      for (const { reject } of letters) reject(failure as Error);
    }
  }

  #exhausted(limit: LimitName): EngineExhausted {
    this.parts.onLimit(limit);
    return new EngineExhausted(`too much mail waits for node ${this.nodeId} (${limitTable[limit].name})`);
  }
}
