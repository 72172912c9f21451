import { type LimitName, type Limits, limitTable } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { Runtime } from "../../../runtime.js";
import { EngineExhausted, EngineUnavailable } from "../../ports/unavailable.js";
import { BatchQueue } from "../../shared/batch-queue.js";
import { nodeTag } from "../keys.js";
import { numberOf } from "../reply.js";
import type { Runner } from "../runner.js";
import { sendMail } from "../scripts/mail.js";
import { encodeBatch } from "./batch.js";
import type { Waiting } from "./waiting.js";

const batch = { items: 256, bytes: 256 * 1024 };

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

/** Mail to one node, in order. */
export class Outgoing {
  readonly #queue: BatchQueue<Uint8Array, boolean>;

  /** `idle` is called when nothing waits any more. */
  constructor(
    private readonly parts: OutgoingParts,
    private readonly nodeId: string,
    idle: () => void,
  ) {
    this.#queue = new BatchQueue({
      batch,
      sizeOf: (message) => message.length,
      call: (messages) => this.#send(messages),
      idle,
    });
  }

  /** What waits here, without what is under way. */
  get waiting(): Waiting {
    return { messages: this.#queue.items, bytes: this.#queue.bytes };
  }

  send(message: Uint8Array): Promise<boolean> {
    const { nodeMailMessages, nodeMailBytes } = this.parts.limits;
    const { messages, bytes } = this.waiting;
    if (messages >= nodeMailMessages) return Promise.reject(this.#exhausted("nodeMailMessages"));
    if (bytes + message.length > nodeMailBytes) return Promise.reject(this.#exhausted("nodeMailBytes"));
    return this.#queue.add(message);
  }

  /** Says of each message whether the node hears it. */
  async #send(messages: readonly Uint8Array[]): Promise<boolean[]> {
    const { runner, runtime, limits } = this.parts;
    const { nodeMailMessages: maxMessages, nodeMailBytes: maxBytes } = limits;
    const args = { count: messages.length, batch: encodeBatch(messages), maxMessages, maxBytes };
    const begunAtMs = runtime.clock.now();
    let doubtful = false;
    const onDoubt = () => {
      doubtful = true;
    };
    const openedUs = numberOf(await runner.run(sendMail, nodeTag(this.nodeId), args, { onDoubt }));
    if (openedUs < 0) throw this.#exhausted(openedUs === -1 ? "nodeMailMessages" : "nodeMailBytes");
    // The node may have heard it before Redis lost its data, and the box of that time with them.
    if (doubtful && (openedUs === 0 || openedUs / 1000 > begunAtMs + clockErrorMs)) {
      throw new EngineUnavailable("Redis gave no answer, and has lost the mailbox of the node since");
    }
    return messages.map(() => openedUs > 0);
  }

  #exhausted(limit: LimitName): EngineExhausted {
    this.parts.onLimit(limit);
    return new EngineExhausted(`too much mail waits for node ${this.nodeId} (${limitTable[limit].name})`);
  }
}
