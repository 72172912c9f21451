import type { LogPosition, NewRecord } from "../ports/channel-log.js";
import { type ChannelKey, channelText } from "../ports/keys.js";
import { EngineExhausted } from "../ports/unavailable.js";
import type { StoreCall } from "./calls.js";
import { type Waiting, WaitingCall } from "./waiting.js";
import { type OnStored, WaitingSegment } from "./waiting-segment.js";

/** What one batch has at most, calls and messages; the first of what waits always goes. */
export const batchMax = { count: 2000, bytes: 4 * 1024 * 1024 };

const waitingMax = { count: 20_000, bytes: 32 * 1024 * 1024 };

/** What a call or a message takes besides its texts and bytes. */
const ownBytes = 256;

/**
 * What waits for the thread of the store, in the order in which it came. Messages to one channel are one segment, until it is full or
 * something else is asked of their log. Bounded: what does not fit is refused with `EngineExhausted`.
 */
export class StoreQueue {
  #waiting: Waiting[] = [];
  /** Those that take more messages, by their channels. */
  readonly #open = new Map<string, WaitingSegment>();
  #count = 0;
  #bytes = 0;
  /** The calls among all that waits. */
  #calls = 0;

  /** `onStored` hears of each segment that is on disk, in the order of the offsets, and before its senders do. */
  constructor(private readonly onStored: OnStored) {}

  /** The calls and messages that wait. */
  get count(): number {
    return this.#count;
  }

  /** About the memory that they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True if nothing waits but messages to channels. */
  get hasOnlyMessages(): boolean {
    return this.#calls === 0;
  }

  /** Adds a call, and gives its answer. */
  call(call: StoreCall): Promise<unknown> {
    const bytes = ownBytes + bytesOf(call.args);
    if (!this.#hasRoom(bytes)) return tooMuch();
    // What reads a log, or forgets it, finds what came before it, and not what comes behind it.
    if (call.port === "log") this.#open.delete(channelText(call.args[0] as ChannelKey));
    this.#count += 1;
    this.#bytes += bytes;
    this.#calls += 1;
    return new Promise((resolve, reject) => this.#waiting.push(new WaitingCall(call, bytes, resolve, reject)));
  }

  /** Adds a message that came at a time, in milliseconds since 1970, and gives its place. */
  append(channel: ChannelKey, record: NewRecord, nowMs: number): Promise<LogPosition> {
    const bytes = ownBytes + record.message.length + record.sender.length + (record.once?.length ?? 0);
    if (!this.#hasRoom(bytes)) return tooMuch();
    this.#count += 1;
    this.#bytes += bytes;
    return this.#segmentFor(channel, record, nowMs).add(record, bytes);
  }

  /** Takes the oldest of what waits, as much as a batch may have. */
  take(): readonly Waiting[] {
    let [count, bytes] = [0, 0];
    const end = this.#waiting.findIndex((waiting, index) => {
      count += waiting.count;
      bytes += waiting.bytes;
      return index > 0 && (count > batchMax.count || bytes > batchMax.bytes);
    });
    const batch = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    for (const waiting of batch) this.#forget(waiting);
    this.#open.clear();
    return batch;
  }

  #segmentFor(channel: ChannelKey, record: NewRecord, nowMs: number): WaitingSegment {
    const key = channelText(channel);
    const open = this.#open.get(key);
    if (open?.takes(record)) return open;
    const segment = new WaitingSegment(channel, nowMs, this.onStored);
    this.#open.set(key, segment);
    this.#waiting.push(segment);
    return segment;
  }

  #hasRoom(bytes: number): boolean {
    return this.#count < waitingMax.count && this.#bytes + bytes <= waitingMax.bytes;
  }

  #forget({ count, bytes, isMessages }: Waiting): void {
    this.#count -= count;
    this.#bytes -= bytes;
    if (!isMessages) this.#calls -= 1;
  }
}

function tooMuch(): Promise<never> {
  return Promise.reject(new EngineExhausted("too much waits for the disk"));
}

/** The texts and bytes of a value. */
function bytesOf(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Map) return bytesOf([...value.keys(), ...value.values()]);
  let total = 0;
  for (const name in value) total += bytesOf((value as Readonly<Record<string, unknown>>)[name]);
  return total;
}
