import { createHash } from "node:crypto";
import { ChannelPublication } from "../../../../gen/aldis/node/v1/node.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { encode } from "../../encode.js";
import { type Runtime, randomId } from "../../runtime.js";
import type { ChannelLog, LogPosition, LogRange, LogRecord, NewRecord } from "../ports/channel-log.js";
import type { ChannelKey } from "../ports/keys.js";
import { positionAgeMs } from "../shared/position-age.js";
import { channelTag } from "./keys.js";
import { bytesOf, listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import type { Reply } from "./script.js";
import { appendRecord } from "./scripts/append-record.js";
import { forgetRecords } from "./scripts/forget-records.js";
import { readRecords } from "./scripts/read-records.js";

/** How long an append without a name is remembered for when its answer is lost, in milliseconds. More than the patience of a call. */
const unnamedMs = 15_000;

/** How much longer Redis keeps what is over, in milliseconds: whether something is over is a comparison in the script. */
const marginMs = 10_000;

/** What stands between the time of a stored record and the record. */
const space = " ".charCodeAt(0);

export interface RedisChannelLogParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** True if Redis loses nothing with its life, so that positions outlive it. */
  readonly durable: boolean;
}

/** A channel log in Redis, one round trip for each call. Another life of the server begins a new epoch, unless it is durable. */
export class RedisChannelLog implements ChannelLog {
  constructor(private readonly parts: RedisChannelLogParts) {}

  async append(channel: ChannelKey, { sender, message, once }: NewRecord): Promise<LogPosition> {
    const { runner, runtime, limits } = this.parts;
    const args = {
      ...this.common(),
      onceMs: once === undefined ? unnamedMs : limits.retryMemoryMs,
      messages: limits.channelHistoryMessages,
      record: encode(ChannelPublication, { offset: 0, epoch: "", sender, message }),
    };
    const suffix = once === undefined ? randomId(runtime) : shortened(once);
    return positionOf(listOf(await runner.run(appendRecord, channelTag(channel), args, { suffix })));
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
