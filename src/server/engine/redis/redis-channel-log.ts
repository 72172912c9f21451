import { createHash } from "node:crypto";
import { ChannelPublication } from "../../../../gen/aldis/node/v1/node.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { type Runtime, randomId } from "../../runtime.js";
import {
  type AppendRate,
  type ChannelLog,
  type LogPosition,
  type LogRange,
  type LogRecord,
  type NewRecord,
  RateExceeded,
} from "../ports/channel-log.js";
import type { ChannelKey } from "../ports/keys.js";
import { type Append, AppendQueues, type WaitingAppends } from "../shared/append-queues.js";
import { positionAgeMs } from "../shared/position-age.js";
import { channelTag } from "./keys.js";
import { bytesOf, listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import type { Reply } from "./script.js";
import { appendRecords } from "./scripts/append-records.js";
import { forgetRecords } from "./scripts/forget-records.js";
import { readRecords } from "./scripts/read-records.js";

/** How much longer Redis keeps what is over, in milliseconds: whether something is over is a comparison in the script. */
const marginMs = 10_000;

const noRate: AppendRate = { limit: Number.POSITIVE_INFINITY, windowMs: 0 };

/** What stands between the time of a stored record and the record. */
const space = " ".charCodeAt(0);

export interface RedisChannelLogParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** Whether the node is busy: then messages wait a moment to share a call. */
  readonly load: { readonly busy: boolean };
  /** True if Redis loses nothing with its life, so that positions outlive it. */
  readonly durable: boolean;
}

interface RatedAppend extends Append {
  readonly rate: AppendRate | undefined;
}

/**
 * A channel log in Redis, one round trip for each call. What is appended to a channel while a call is under way goes together with
 * the next one. Another life of the server begins a new epoch, unless it is durable.
 */
export class RedisChannelLog implements ChannelLog {
  private readonly queues: AppendQueues<RatedAppend>;

  constructor(private readonly parts: RedisChannelLogParts) {
    const { load, runtime } = parts;
    this.queues = new AppendQueues({
      load,
      clock: runtime.clock,
      appendAll: (channel, appends) => this.appendAll(channel, appends),
    });
  }

  get waiting(): WaitingAppends {
    return this.queues.waiting;
  }

  append(channel: ChannelKey, record: NewRecord, rate?: AppendRate): Promise<LogPosition> {
    return this.queues.append(channel, { record, rate });
  }

  async head(channel: ChannelKey): Promise<LogPosition> {
    return (await this.read(channel, undefined, { limit: 0 })).head;
  }

  async read(
    channel: ChannelKey,
    from: LogPosition | undefined,
    { backward = false, limit }: { backward?: boolean; limit: number },
  ): Promise<LogRange> {
    const { runner } = this.parts;
    const { epoch: fromEpoch, offset: fromOffset } = from ?? { epoch: "", offset: 0 };
    const place = { isFrom: from === undefined ? 0 : 1, fromEpoch, fromOffset, step: backward ? -1 : 1, limit };
    const reply = listOf(await runner.run(readRecords, channelTag(channel), { ...this.common(), ...place }));
    const [, , low, more, gap, found] = reply;
    const records = listOf(found).map((record, index) => recordOf(bytesOf(record), numberOf(low) + index));
    return {
      records: backward ? records.reverse() : records,
      head: positionOf(reply),
      more: more === 1,
      gap: gap === 1,
    };
  }

  async forget(channel: ChannelKey): Promise<void> {
    await this.parts.runner.run(forgetRecords, channelTag(channel), {});
  }

  private async appendAll(channel: ChannelKey, appends: readonly RatedAppend[]): Promise<(LogPosition | RateExceeded)[]> {
    const { runner, limits } = this.parts;
    // A channel has one rate. Where it changes while messages wait, the newest is in force.
    const { limit, windowMs } = appends.at(-1)?.rate ?? noRate;
    const args = {
      ...this.common(),
      onceMs: limits.retryMemoryMs,
      messages: limits.channelHistoryMessages,
      limit: limit === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.ceil(limit)),
      windowMs,
    };
    const reply = await runner.run(appendRecords, channelTag(channel), args, {
      suffix: String(windowMs),
      rest: appends.flatMap(({ record: { once, sender, message } }) => [once === undefined ? "" : "1", sender, message]),
      restKeys: appends.flatMap(({ record: { once } }) => (once === undefined ? [] : [`appended:${shortened(once)}`])),
    });
    const [stored, retryAfterMs, answers] = listOf(reply);
    const epoch = textOf(stored);
    return listOf(answers).map((answer) => {
      if (Array.isArray(answer)) return positionOf(answer);
      if (answer === 0) return new RateExceeded(numberOf(retryAfterMs));
      return { epoch, offset: numberOf(answer) };
    });
  }

  private common() {
    const { runtime, durable, limits } = this.parts;
    const times = { keepMs: positionAgeMs(limits), ageMs: limits.channelHistoryAgeMs, marginMs };
    return { newEpoch: randomId(runtime), outlives: durable ? 1 : 0, ...times };
  }
}

/** A name of any length and characters as a part of a key. */
function shortened(once: string): string {
  return createHash("sha256").update(once).digest("base64url").slice(0, 22);
}

function positionOf([epoch, offset]: readonly Reply[]): LogPosition {
  return { epoch: textOf(epoch), offset: numberOf(offset) };
}

function recordOf(stored: Uint8Array, offset: number): LogRecord {
  const { sender, message } = ChannelPublication.decode(stored.subarray(stored.indexOf(space) + 1));
  return { offset, sender, message };
}
