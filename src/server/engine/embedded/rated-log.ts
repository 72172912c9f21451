import { type AppendRate, type ChannelLog, type LogPosition, type NewRecord, RateExceeded } from "../ports/channel-log.js";
import { type ChannelKey, channelText } from "../ports/keys.js";
import type { MemoryRateCounters } from "./memory-rate-counters.js";

/** A channel log whose rates are counted in memory. */
export class RatedLog implements ChannelLog {
  constructor(
    private readonly log: ChannelLog,
    private readonly rates: MemoryRateCounters,
  ) {}

  append(channel: ChannelKey, record: NewRecord, rate?: AppendRate): Promise<LogPosition> {
    const key = `append/${channelText(channel)}`;
    const retryAfterMs = rate === undefined ? 0 : this.rates.takeNow(key, rate.limit, rate.windowMs);
    return retryAfterMs > 0 ? Promise.reject(new RateExceeded(retryAfterMs)) : this.log.append(channel, record);
  }

  head(...args: Parameters<ChannelLog["head"]>): ReturnType<ChannelLog["head"]> {
    return this.log.head(...args);
  }

  read(...args: Parameters<ChannelLog["read"]>): ReturnType<ChannelLog["read"]> {
    return this.log.read(...args);
  }

  forget(...args: Parameters<ChannelLog["forget"]>): ReturnType<ChannelLog["forget"]> {
    return this.log.forget(...args);
  }
}
