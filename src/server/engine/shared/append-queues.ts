import type { Clock } from "../../runtime.js";
import type { LogPosition, NewRecord } from "../ports/channel-log.js";
import { type ChannelKey, channelText } from "../ports/keys.js";
import { EngineExhausted } from "../ports/unavailable.js";
import { BatchQueue } from "./batch-queue.js";
import { segmentMax } from "./segment-max.js";

/** What may wait for all channels, in bytes of the messages alone: as much as may wait for a disk. */
const mostWaiting = { messages: 20_000, bytes: 32 * 1024 * 1024 };

/**
 * The pause between two calls for one channel on a busy node, in milliseconds. Of the 50 ms for which members wait by default three
 * batches come, as from the store on disk.
 */
const paceMs = 20;

/** What waits to be appended. */
export interface Append {
  readonly record: NewRecord;
}

/** What waits to be appended to any channel, without what is under way. */
export interface WaitingAppends {
  readonly messages: number;
  /** Of the messages alone. */
  readonly bytes: number;
}

export interface AppendQueuesParts<Item> {
  readonly clock: Clock;
  /** Whether the node is busy: then messages wait a moment to share a call. */
  readonly load: { readonly busy: boolean };
  /** Appends records to a channel, one behind the other, and gives the place of each, or why it was refused. */
  readonly appendAll: (channel: ChannelKey, items: readonly Item[]) => Promise<readonly (LogPosition | Error)[]>;
}

/** What is being appended to each channel: one call at a time, with all that has come meanwhile, as one segment. */
export class AppendQueues<Item extends Append> {
  readonly #queues = new Map<string, BatchQueue<Item, LogPosition>>();
  readonly #waiting = { messages: 0, bytes: 0 };

  constructor(private readonly parts: AppendQueuesParts<Item>) {}

  /** A live view: its numbers change with what waits. */
  get waiting(): WaitingAppends {
    return this.#waiting;
  }

  append(channel: ChannelKey, item: Item): Promise<LogPosition> {
    const bytes = sizeOf(item);
    if (this.#waiting.messages >= mostWaiting.messages || this.#waiting.bytes + bytes > mostWaiting.bytes) {
      return Promise.reject(new EngineExhausted("too many messages to channels wait"));
    }
    this.#waiting.messages += 1;
    this.#waiting.bytes += bytes;
    // What waits keeps no memory that others share: a call may take long, and the log in memory keeps what it is given.
    const message = new Uint8Array(item.record.message);
    return this.#queueOf(channel).add({ ...item, record: { ...item.record, message } });
  }

  #queueOf(channel: ChannelKey): BatchQueue<Item, LogPosition> {
    const key = channelText(channel);
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new BatchQueue<Item, LogPosition>({
      batch: { items: segmentMax.messages, bytes: segmentMax.bytes },
      sizeOf,
      call: (items) => this.#appendAll(channel, items),
      pace: () => this.#pace(),
      idle: () => this.#queues.delete(key),
    });
    this.#queues.set(key, queue);
    return queue;
  }

  #appendAll(channel: ChannelKey, items: readonly Item[]): Promise<readonly (LogPosition | Error)[]> {
    this.#waiting.messages -= items.length;
    for (const item of items) this.#waiting.bytes -= sizeOf(item);
    return this.parts.appendAll(channel, items);
  }

  #pace(): Promise<void> {
    const { load, clock } = this.parts;
    return load.busy ? new Promise((resolve) => clock.after(paceMs, resolve)) : Promise.resolve();
  }
}

function sizeOf({ record }: Append): number {
  return record.message.length;
}
