import { messageOf } from "../../message-of.js";
import type { Clock } from "../../runtime.js";
import type { LogPosition, NewRecord } from "../ports/channel-log.js";
import type { StoreHealth } from "../ports/health.js";
import type { ChannelKey } from "../ports/keys.js";
import type { BatchAnswer, StoreCall } from "./calls.js";
import { batchMax, StoreQueue } from "./store-queue.js";
import type { OnStored } from "./waiting-segment.js";

/** Where batches are done, one at a time. */
export interface StoreThread {
  /** Rejects if the thread is gone, and for ever after. */
  run(batch: readonly StoreCall[]): Promise<BatchAnswer>;
  close(): Promise<void>;
}

/**
 * When a busy node stores messages to channels, since a sync costs as much for one as for many: so many milliseconds after the end of
 * the batch before, and then so many after its beginning, or as soon as so many messages wait. The 50 ms for which members wait by
 * default see three batches that begin 23 ms apart, the third some milliseconds before they are over, so writes to a member are 69 ms
 * apart; were it counted from the end of a batch, the third would be late whenever one takes long. A message that comes when the period
 * is over goes at once: the next one is as far away.
 */
const gather = { pauseMs: 15, periodMs: 23, enough: 32 };

/** What the operator reads before the reason. */
const headlines: Readonly<Record<StoreHealth, string>> = {
  ok: "the store has room again, and goes on",
  full: "the store is full, and goes on when there is room",
  failed: "the store has failed; check the disk, then start the server again",
};

export interface StoreObserver {
  /** The store serves, or does not, from now on: in a sentence for the operator. It begins to be "ok" without a word. */
  onHealth(health: StoreHealth, sentence: string): void;
  /** How long a batch took until its answer, in milliseconds. */
  onBatch(ms: number): void;
}

/**
 * Collects calls while a batch is being done, and sends them as the next one: so any number of them share one sync, and one
 * alone waits for nobody. On a busy node messages to channels wait a moment for more, unless another call comes or they are rare. What
 * waits is bounded.
 */
export class GroupCommit {
  readonly #queue: StoreQueue;
  /** So many calls and messages end the wait for more. */
  #enough = batchMax.count;
  /** Ends the wait for more. */
  #endGathering = () => {};
  #running: Promise<void> | undefined;
  /** When the last batch was sent. */
  #sentAtMs = Number.NEGATIVE_INFINITY;
  /** When those who waited for it had been told. */
  #endedAtMs = Number.NEGATIVE_INFINITY;
  #health: StoreHealth = "ok";
  #freeBytes = 0;

  /** `load` says whether the node is busy. `onStored` hears of messages to channels when they are on disk, before their senders do. */
  constructor(
    private readonly thread: StoreThread,
    private readonly clock: Clock,
    private readonly load: { readonly busy: boolean },
    private readonly observer: StoreObserver,
    onStored: OnStored,
  ) {
    this.#queue = new StoreQueue(onStored);
  }

  get health(): StoreHealth {
    return this.#health;
  }

  /** The calls that wait for the batch before them, with messages to channels. */
  get waitingCalls(): number {
    return this.#queue.count;
  }

  /** The free bytes on the disk at the last sweep. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Makes a call, and gives its answer when it is on disk. Rejects with `EngineUnavailable`; then nothing is done. */
  call(call: StoreCall): Promise<unknown> {
    return this.#queued(this.#queue.call(call));
  }

  /** Stores a message to a channel, and gives its place when it is on disk. Rejects as a call does. */
  append(channel: ChannelKey, record: NewRecord): Promise<LogPosition> {
    return this.#queued(this.#queue.append(channel, record, this.clock.now()));
  }

  /** Does what waits, and lets go of the thread. */
  async close(): Promise<void> {
    await this.#running;
    await this.thread.close();
  }

  #queued<T>(answer: Promise<T>): Promise<T> {
    if (!this.#mayGather()) this.#endGathering();
    this.#running ??= this.#runAll();
    return answer;
  }

  async #runAll(): Promise<void> {
    // Whoever calls within the same turn of the event loop shares the first batch.
    await new Promise<void>((resolve) => this.clock.soon(resolve));
    while (this.#queue.count > 0) {
      if (this.load.busy && this.clock.monotonic() - this.#sentAtMs < gather.periodMs) await this.#gather();
      await this.#runBatch();
      this.#endedAtMs = this.clock.monotonic();
    }
    this.#running = undefined;
  }

  /** True if nobody waits but messages to channels, and not enough of them. */
  #mayGather(): boolean {
    const { hasOnlyMessages, count, bytes } = this.#queue;
    return hasOnlyMessages && count < this.#enough && bytes < batchMax.bytes;
  }

  async #gather(): Promise<void> {
    await this.#gatherUntil(this.#endedAtMs + gather.pauseMs, batchMax.count);
    await this.#gatherUntil(this.#sentAtMs + gather.periodMs, gather.enough);
    this.#enough = batchMax.count;
  }

  async #gatherUntil(untilMs: number, enough: number): Promise<void> {
    this.#enough = enough;
    const ms = untilMs - this.clock.monotonic();
    if (ms <= 0 || !this.#mayGather()) return;
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(ms, resolve);
      this.#endGathering = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#endGathering = () => {};
  }

  async #runBatch(): Promise<void> {
    const batch = this.#queue.take();
    this.#sentAtMs = this.clock.monotonic();
    const { answers, health, reason, freeBytes } = await this.#run(batch.map((waiting) => waiting.toCall()));
    this.observer.onBatch(this.clock.monotonic() - this.#sentAtMs);
    if (health !== this.#health) this.observer.onHealth(health, headlines[health] + (reason === "" ? "" : `: ${reason}`));
    this.#health = health;
    this.#freeBytes = freeBytes;
    for (const [index, waiting] of batch.entries()) waiting.settle(answers[index]);
  }

  async #run(calls: readonly StoreCall[]): Promise<BatchAnswer> {
    try {
      return await this.thread.run(calls);
    } catch (failure) {
      const reason = messageOf(failure);
      const answers = calls.map(() => ({ ok: false, kind: "failed", message: reason }) as const);
      return { answers, health: "failed", reason, freeBytes: this.#freeBytes };
    }
  }
}
