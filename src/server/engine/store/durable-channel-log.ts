import { ChannelNotice } from "../../../../gen/aldis/node/v1/node.js";
import { encode } from "../../encode.js";
import type { AppendOnce } from "../embedded/append-once.js";
import type { MemoryBus } from "../embedded/memory-bus.js";
import { type ChannelLog, channelTopic, type LogPosition, type LogRange, type NewRecord } from "../ports/channel-log.js";
import type { ChannelKey } from "../ports/keys.js";
import type { StoredSegment } from "./segmented-thread.js";

/** The channel log of the store, in which a name counts once. */
export class DurableChannelLog implements ChannelLog {
  constructor(
    private readonly stored: ChannelLog,
    private readonly once: AppendOnce,
  ) {}

  append(channel: ChannelKey, record: NewRecord): Promise<LogPosition> {
    return this.once.run(channel, record.once, () => this.stored.append(channel, record));
  }

  head(channel: ChannelKey): Promise<LogPosition> {
    return this.stored.head(channel);
  }

  read(channel: ChannelKey, from: LogPosition | undefined, options: { backward?: boolean; limit: number }): Promise<LogRange> {
    return this.stored.read(channel, from, options);
  }

  forget(channel: ChannelKey): Promise<void> {
    return this.stored.forget(channel);
  }
}

/** Publishes what the store has put on disk. */
export function publishSegment(bus: MemoryBus, { channel, place, messages }: StoredSegment): void {
  const notice = { notice: { $case: "segment" as const, value: { ...place, messages } } };
  bus.publishNow(channelTopic(channel), encode(ChannelNotice, notice));
}
