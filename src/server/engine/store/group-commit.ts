import { messageOf } from "../../message-of.js";
import type { Clock } from "../../runtime.js";
import type { StoreHealth } from "../ports/health.js";
import { EngineExhausted, EngineUnavailable } from "../ports/unavailable.js";
import { type BatchAnswer, isAppend, type StoreCall } from "./calls.js";

/** Where batches are done, one at a time. */
export interface StoreThread {
  /** Rejects if the thread is gone, and for ever after. */
  run(batch: readonly StoreCall[]): Promise<BatchAnswer>;
  close(): Promise<void>;
}

const maxBatchCalls = 2000;
const maxBatchBytes = 4 * 1024 * 1024;
const maxWaitingCalls = 20_000;
const maxWaitingBytes = 32 * 1024 * 1024;
/** What a call takes besides its texts and bytes. */
const callBytes = 256;
/**
 * How long a busy node lets messages to channels wait for more of them: so many milliseconds at least, since a sync costs as much for
 * one as for many, and then up to so many, or until there are so many messages. The 50 ms for which members wait by default see three
 * of the longest waits, one each 22 ms, and end well before the fourth, so writes to a member are 66 ms apart. A message that comes
 * longer than the longest wait after the batch before it would wait in vain, since the next one is as far away.
 */
const gather = { leastMs: 15, mostMs: 20, enoughCalls: 32 };

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

interface Waiting {
  readonly call: StoreCall;
  readonly bytes: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (failure: Error) => void;
}

/**
 * Collects calls while a batch is being done, and sends them as the next one: so any number of them share one sync, and one
 * alone waits for nobody. On a busy node messages to channels wait a moment for more, unless another call comes or they are rare. What
 * waits is bounded.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** The calls that wait and would not have others wait for more. */
  #waitingUrgent = 0;
  /** So many waiting calls end the wait for more. */
  #enoughCalls = maxBatchCalls;
  /** Ends the wait for more. */
  #endGathering = () => {};
  #running: Promise<void> | undefined;
  /** When the last batch was sent. */
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #health: StoreHealth = "ok";
  #freeBytes = 0;

  /** `load` says whether the node is busy. */
  constructor(
    private readonly thread: StoreThread,
    private readonly clock: Clock,
    private readonly load: { readonly busy: boolean },
    private readonly observer: StoreObserver,
  ) {}

  get health(): StoreHealth {
    return this.#health;
  }

  /** The calls that wait for the batch before them. */
  get waitingCalls(): number {
    return this.#waiting.length;
  }

  /** The free bytes on the disk at the last sweep. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Makes a call, and gives its answer when it is on disk. Rejects with `EngineUnavailable`; then nothing is done. */
  call(call: StoreCall): Promise<unknown> {
    const bytes = callBytes + bytesOf(call.args);
    if (this.#waiting.length >= maxWaitingCalls || this.#waitingBytes + bytes > maxWaitingBytes) {
      return Promise.reject(new EngineExhausted("too much waits for the disk"));
    }
    this.#waitingBytes += bytes;
    if (isUrgent(call)) this.#waitingUrgent += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, bytes, resolve, reject });
      if (!this.#mayGather()) this.#endGathering();
      this.#running ??= this.#runAll();
    });
  }

  /** Does what waits, and lets go of the thread. */
  async close(): Promise<void> {
    await this.#running;
    await this.thread.close();
  }

  async #runAll(): Promise<void> {
    // Whoever calls within the same turn of the event loop shares the first batch.
    await new Promise<void>((resolve) => this.clock.soon(resolve));
    while (this.#waiting.length > 0) {
      if (this.load.busy && this.clock.monotonic() - this.#sentAtMs < gather.mostMs) await this.#gather();
      await this.#runBatch(this.#takeBatch());
    }
    this.#running = undefined;
  }

  /** True if nobody waits but messages to channels, and not enough of them. */
  #mayGather(): boolean {
    return this.#waitingUrgent === 0 && this.#waiting.length < this.#enoughCalls && this.#waitingBytes < maxBatchBytes;
  }

  async #gather(): Promise<void> {
    await this.#gatherFor(gather.leastMs, maxBatchCalls);
    await this.#gatherFor(gather.mostMs - gather.leastMs, gather.enoughCalls);
    this.#enoughCalls = maxBatchCalls;
  }

  async #gatherFor(ms: number, enoughCalls: number): Promise<void> {
    this.#enoughCalls = enoughCalls;
    if (!this.#mayGather()) return;
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(ms, resolve);
      this.#endGathering = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#endGathering = () => {};
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    this.#sentAtMs = this.clock.monotonic();
    const { answers, health, reason, freeBytes } = await this.#run(batch);
    this.observer.onBatch(this.clock.monotonic() - this.#sentAtMs);
    if (health !== this.#health) this.observer.onHealth(health, headlines[health] + (reason === "" ? "" : `: ${reason}`));
    this.#health = health;
    this.#freeBytes = freeBytes;
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index];
      if (answer?.ok) resolve(answer.value);
      else reject(answer?.kind === "full" ? new EngineExhausted(answer.message) : new EngineUnavailable(answer?.message));
    }
  }

  async #run(batch: readonly Waiting[]): Promise<BatchAnswer> {
    try {
      return await this.thread.run(batch.map(({ call }) => call));
    } catch (failure) {
      const reason = messageOf(failure);
      const answers = batch.map(() => ({ ok: false, kind: "failed", message: reason }) as const);
      return { answers, health: "failed", reason, freeBytes: this.#freeBytes };
    }
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      bytes += waiting.bytes;
      return index === maxBatchCalls || (bytes > maxBatchBytes && index > 0);
    });
    const batch = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    for (const { call, bytes: taken } of batch) {
      this.#waitingBytes -= taken;
      if (isUrgent(call)) this.#waitingUrgent -= 1;
    }
    return batch;
  }
}

/** A message to a channel may wait a little, as it may on its way to the members. */
function isUrgent(call: StoreCall): boolean {
  return !isAppend(call);
}

/** About the memory that arguments take. */
function bytesOf(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Map) return bytesOf([...value.keys(), ...value.values()]);
  let total = 0;
  for (const name in value) total += bytesOf((value as Readonly<Record<string, unknown>>)[name]);
  return total;
}
