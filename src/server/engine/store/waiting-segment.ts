import { LogSegment } from "../../../../gen/aldis/node/v1/segment.js";
import { encode } from "../../encode.js";
import type { LogPosition, NewRecord } from "../ports/channel-log.js";
import type { PlacedMessages } from "../ports/channel-topic.js";
import type { ChannelKey } from "../ports/keys.js";
import { segmentMax } from "../shared/segment-max.js";
import type { NewSegment, StoreAnswer, StoreCall } from "./calls.js";
import { failureOf, type Waiting } from "./waiting.js";

/** Hears of messages to a channel that are on disk. */
export type OnStored = (channel: ChannelKey, messages: PlacedMessages) => void;

/**
 * Messages to one channel that wait for the store, one behind the other: they share a call, a copy from thread to thread, a row, a checksum,
 * an answer and a publication.
 */
export class WaitingSegment implements Waiting {
  readonly isMessages = true;
  readonly #records: NewRecord[] = [];
  /** The bytes of the messages alone. */
  #messageBytes = 0;
  #bytes = 0;
  /** The place of the first message. */
  readonly #stored: Promise<LogPosition>;
  #resolve: (place: LogPosition) => void = () => {};
  #reject: (failure: Error) => void = () => {};

  constructor(
    private readonly channel: ChannelKey,
    /** When its first message came, in milliseconds since 1970. */
    private readonly nowMs: number,
    private readonly onStored: OnStored,
  ) {
    this.#stored = new Promise((resolve, reject) => {
      [this.#resolve, this.#reject] = [resolve, reject];
    });
  }

  get count(): number {
    return this.#records.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  takes({ message }: NewRecord): boolean {
    return this.count < segmentMax.messages && this.#messageBytes + message.length <= segmentMax.bytes;
  }

  /** Adds a message that takes so much memory, and gives its place when it is on disk. */
  add(record: NewRecord, bytes: number): Promise<LogPosition> {
    const behind = this.#records.push(record) - 1;
    this.#messageBytes += record.message.length;
    this.#bytes += bytes;
    return behind === 0 ? this.#stored : this.#stored.then(({ epoch, offset }) => ({ epoch, offset: offset + behind }));
  }

  toCall(): StoreCall {
    const segment: NewSegment = { count: this.count, messages: encode(LogSegment, { messages: this.#records }) };
    return { port: "log", method: "append", args: [this.channel, segment], nowMs: this.nowMs };
  }

  settle(answer: StoreAnswer | undefined): void {
    if (!answer?.ok) return this.#reject(failureOf(answer));
    const place = answer.value as LogPosition;
    this.onStored(this.channel, { messages: this.#records, place });
    this.#resolve(place);
  }
}
