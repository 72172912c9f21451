import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { type Runtime, randomId } from "../../runtime.js";
import type { ChannelLog, LogPosition, LogRange, NewRecord } from "../ports/channel-log.js";
import { channelTopic } from "../ports/channel-topic.js";
import { type ChannelKey, channelText } from "../ports/keys.js";
import { type Append, AppendQueues, type WaitingAppends } from "../shared/append-queues.js";
import { positionAgeMs } from "../shared/position-age.js";
import { AgeingMap } from "./ageing-map.js";
import { AppendOnce } from "./append-once.js";
import { ChannelHistory } from "./channel-history.js";
import type { MemoryBus } from "./memory-bus.js";

/** The most channels whose head is kept, about 250 MB. Beyond it those used least lately get a new epoch, which readers see. */
const maxHeads = 1_000_000;

export interface MemoryChannelLogParts {
  readonly runtime: Runtime;
  readonly limits: Limits;
  readonly bus: MemoryBus;
  /** Whether the node is busy: then messages wait a moment to be published and answered together. */
  readonly load: { readonly busy: boolean };
}

/** A channel log in memory. Ages are counted on the monotonic clock. */
export class MemoryChannelLog implements ChannelLog {
  readonly #runtime: Runtime;
  readonly #limits: Limits;
  readonly #bus: MemoryBus;
  /** The head of each channel, since its last use. */
  readonly #heads: AgeingMap<LogPosition>;
  /** The records of each channel by its epoch, so that no record outlives it, since the last message. */
  readonly #histories: AgeingMap<ChannelHistory>;
  readonly #once: AppendOnce;
  readonly #queues: AppendQueues<Append>;

  constructor({ runtime, limits, bus, load }: MemoryChannelLogParts) {
    this.#runtime = runtime;
    this.#limits = limits;
    this.#bus = bus;
    this.#heads = new AgeingMap(runtime.clock, { ageMs: positionAgeMs(limits), maxEntries: maxHeads });
    this.#histories = new AgeingMap(runtime.clock, { ageMs: limits.channelHistoryAgeMs });
    this.#once = new AppendOnce({ clock: runtime.clock, limits });
    this.#queues = new AppendQueues({
      load,
      clock: runtime.clock,
      appendAll: (channel, appends) => this.#appendAll(channel, appends),
    });
  }

  get waiting(): WaitingAppends {
    return this.#queues.waiting;
  }

  append(channel: ChannelKey, record: NewRecord): Promise<LogPosition> {
    return this.#once.run(channel, record.once, () => this.#queues.append(channel, { record }));
  }

  async #appendAll(channel: ChannelKey, appends: readonly Append[]): Promise<LogPosition[]> {
    const records = appends.map(({ record }) => record);
    const key = channelText(channel);
    const { epoch, offset: before } = this.#headOf(key);
    const head = { epoch, offset: before + records.length };
    this.#heads.set(key, head);
    const history = this.#historyOf(head);
    const nowMs = this.#runtime.clock.monotonic();
    const places = records.map(({ sender, message }, index) => {
      const offset = before + index + 1;
      history.append({ offset, sender, message }, nowMs, this.#limits.channelHistoryMessages);
      return { epoch, offset };
    });
    this.#histories.set(epoch, history);
    const place = { epoch, offset: before + 1 };
    this.#bus.publishNow(channelTopic(channel), { $case: "messages", value: { place, messages: records } });
    return places;
  }

  async head(channel: ChannelKey): Promise<LogPosition> {
    return this.#use(channelText(channel));
  }

  async read(
    channel: ChannelKey,
    from: LogPosition | undefined,
    { backward = false, limit }: { backward?: boolean; limit: number },
  ): Promise<LogRange> {
    const head = this.#use(channelText(channel));
    const history = this.#historyOf(head);
    const oldest = head.offset - history.size + 1;
    const known = from === undefined || isPlaceOf(head, from);
    const step = backward ? -1 : 1;
    const end = backward ? head.offset : oldest;
    const wanted = from !== undefined && known ? from.offset + step : end;
    // Forward, what is forgotten is skipped; backward, only what is forgotten too lies behind it.
    const first = backward ? wanted : Math.max(wanted, oldest);
    const records = history.from(first, step, limit);
    const more = history.from(first + records.length * step, step, 1).length > 0;
    const forgotten = from !== undefined && wanted >= 1 && wanted < oldest;
    return { records, head, more, gap: !known || forgotten };
  }

  async forget(channel: ChannelKey): Promise<void> {
    // Nothing leads to its records any more, and they go when they are old.
    this.#heads.delete(channelText(channel));
  }

  /** Frees the memory of what has expired. */
  sweep(): void {
    this.#heads.sweep();
    this.#histories.sweep();
    this.#once.sweep();
  }

  /** The head of a channel, whose age begins anew. */
  #use(key: string): LogPosition {
    const head = this.#headOf(key);
    this.#heads.set(key, head);
    return head;
  }

  #headOf(key: string): LogPosition {
    return this.#heads.get(key) ?? { epoch: randomId(this.#runtime), offset: 0 };
  }

  /** The records of a channel that have not expired. */
  #historyOf({ epoch }: LogPosition): ChannelHistory {
    const history = this.#histories.get(epoch) ?? new ChannelHistory();
    history.expire(this.#runtime.clock.monotonic(), this.#limits.channelHistoryAgeMs);
    return history;
  }
}

/** True for the places of a log up to its head, and for the beginning of any log. */
function isPlaceOf(head: LogPosition, place: LogPosition): boolean {
  if (place.epoch === "" && place.offset === 0) return true;
  return place.epoch === head.epoch && place.offset <= head.offset;
}
