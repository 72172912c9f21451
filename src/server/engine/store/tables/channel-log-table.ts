import { LogSegment } from "../../../../../gen/aldis/node/v1/segment.js";
import type { Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { LogPosition, LogRange, LogRecord } from "../../ports/channel-log.js";
import type { ChannelKey } from "../../ports/keys.js";
import type { NewSegment, SegmentLog } from "../calls.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { ChannelHeads } from "./channel-heads.js";
import type { Synchronous, Table, TableParts } from "./table.js";

interface SegmentRow {
  readonly channel: number;
  readonly first: number;
  readonly last: number;
  readonly messages: Uint8Array;
  readonly stored_at: number;
  readonly checksum: number;
}

/** The logs of all channels. Messages that came together are one row. */
export class ChannelLogTable implements Synchronous<SegmentLog>, Table {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #limits: Limits;
  readonly #heads: ChannelHeads;

  constructor(parts: TableParts) {
    this.#sql = parts.sql;
    this.#now = parts.now;
    this.#limits = parts.limits;
    this.#heads = new ChannelHeads(parts);
  }

  append(channel: ChannelKey, { count, messages }: NewSegment): LogPosition {
    const head = this.#heads.use(channel);
    const { number, offset: last, storedAtMs } = this.#heads.grow(head, count);
    const first = last - count + 1;
    this.#sql.run(
      "INSERT INTO channel_segments (channel, first, last, messages, checksum, stored_at) VALUES (?, ?, ?, ?, ?, ?)",
      number,
      first,
      last,
      messages,
      checksumOf(messages, number, first, last),
      storedAtMs,
    );
    return { epoch: head.epoch, offset: first };
  }

  /** The head of a channel, whose age begins anew. */
  head(channel: ChannelKey): LogPosition {
    const { epoch, row } = this.#heads.use(channel);
    return { epoch, offset: row.offset };
  }

  read(
    channel: ChannelKey,
    from: LogPosition | undefined,
    { backward = false, limit }: { backward?: boolean; limit: number },
  ): LogRange {
    this.settle();
    const { epoch, row } = this.#heads.use(channel);
    const { number, offset } = row;
    const head = { epoch, offset };
    const oldest = this.#oldestOf(row);
    const known = from === undefined || isPlaceOf(head, from);
    const step = backward ? -1 : 1;
    const end = backward ? head.offset : oldest;
    const wanted = from !== undefined && known ? from.offset + step : end;
    // Forward, what is forgotten is skipped; backward, only what is forgotten too lies behind it.
    const first = backward ? wanted : Math.max(wanted, oldest);
    const available = backward ? first - oldest + 1 : head.offset - first + 1;
    const count = Math.max(0, Math.min(limit, available));
    const low = backward ? first - count + 1 : first;
    const records = this.#records(number, low, count);
    const forgotten = from !== undefined && wanted >= 1 && wanted < oldest;
    return { records: backward ? records.reverse() : records, head, more: available > count, gap: !known || forgotten };
  }

  forget(channel: ChannelKey): void {
    this.#heads.forget(channel);
  }

  /** Writes down how channels were used, and forgets what is too old; at most `limit` of each kind. */
  sweep(limit: number): void {
    this.#heads.sweep(limit);
    this.#sql.run(
      `DELETE FROM channel_segments WHERE number IN
        (SELECT number FROM channel_segments WHERE stored_at <= ? ORDER BY stored_at, number LIMIT ?)`,
      this.#now() - this.#limits.channelHistoryAgeMs,
      limit,
    );
  }

  /** Does what any number of messages to a channel leave to be done once, before a read or the end of the transaction. */
  settle(): void {
    for (const { row } of this.#heads.write()) {
      const last = row.offset - this.#limits.channelHistoryMessages;
      this.#sql.run("DELETE FROM channel_segments WHERE channel = ? AND last <= ?", row.number, last);
    }
  }

  committed(): void {
    this.#heads.committed();
  }

  rolledBack(): void {
    this.#heads.rolledBack();
  }

  verify(): void {
    for (const row of this.#sql.each<SegmentRow>("SELECT * FROM channel_segments")) recordsOf(row);
  }

  /** The offset of the oldest message that is not forgotten; the one behind the newest if all are. */
  #oldestOf({ number, offset }: { number: number; offset: number }): number {
    const row = this.#sql.get<{ first: number | null }>(
      "SELECT min(first) AS first FROM channel_segments WHERE channel = ? AND stored_at > ?",
      number,
      this.#now() - this.#limits.channelHistoryAgeMs,
    );
    // A part of the oldest segment may be beyond the history.
    return Math.max(row?.first ?? offset + 1, offset - this.#limits.channelHistoryMessages + 1);
  }

  #records(number: number, low: number, count: number): LogRecord[] {
    const high = low + count - 1;
    const rows = this.#sql.all<SegmentRow>(
      "SELECT * FROM channel_segments WHERE channel = ? AND last >= ? AND first <= ? ORDER BY last",
      number,
      low,
      high,
    );
    return rows.flatMap(recordsOf).filter(({ offset }) => offset >= low && offset <= high);
  }
}

/** True for the places of a log up to its head, and for the beginning of any log. */
function isPlaceOf(head: LogPosition, place: LogPosition): boolean {
  if (place.epoch === "" && place.offset === 0) return true;
  return place.epoch === head.epoch && place.offset <= head.offset;
}

function recordsOf({ channel, first, last, messages, checksum }: SegmentRow): LogRecord[] {
  if (checksumOf(messages, channel, first, last) !== checksum) throw new DamagedRecord("message of a channel");
  return LogSegment.decode(messages).messages.map((message, index) => ({ offset: first + index, ...message }));
}
