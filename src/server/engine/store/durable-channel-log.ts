import { ChannelNotice } from "../../../../gen/aldis/node/v1/node.js";
import { encode } from "../../encode.js";
import type { AppendOnce } from "../embedded/append-once.js";
import type { MemoryBus } from "../embedded/memory-bus.js";
import { type ChannelLog, channelTopic, type LogPosition, type LogRange, type NewRecord } from "../ports/channel-log.js";
import type { ChannelKey } from "../ports/keys.js";

/** A channel log that publishes what the store has put on disk. Answers come in the order of the offsets, and so does that. */
export class DurableChannelLog implements ChannelLog {
  constructor(
    private readonly stored: ChannelLog,
    private readonly bus: MemoryBus,
    private readonly once: AppendOnce,
  ) {}

  append(channel: ChannelKey, record: NewRecord): Promise<LogPosition> {
    return this.once.run(channel, record.once, () => this.appendNow(channel, record));
  }

  private async appendNow(channel: ChannelKey, record: NewRecord): Promise<LogPosition> {
    const position = await this.stored.append(channel, record);
    const { sender, message } = record;
    const notice = { notice: { $case: "publication" as const, value: { ...position, sender, message } } };
    this.bus.publishNow(channelTopic(channel), encode(ChannelNotice, notice));
    return position;
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
