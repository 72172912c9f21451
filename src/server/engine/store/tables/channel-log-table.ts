import type { Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { ChannelLog, LogPosition, LogRange, LogRecord } from "../../ports/channel-log.js";
import type { ChannelKey } from "../../ports/keys.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { fromColumn, toColumn } from "../text-column.js";
import { ChannelHeads } from "./channel-heads.js";
import type { Synchronous, Table, TableParts } from "./table.js";

interface MessageRow {
  readonly channel: number;
  readonly offset: number;
  readonly sender: string;
  readonly message: Uint8Array;
  readonly stored_at: number;
  readonly checksum: number;
}

/** The logs of all channels. */
export class ChannelLogTable implements Synchronous<ChannelLog>, Table {
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

  append(channel: ChannelKey, { sender, message }: { sender: string; message: Uint8Array }): LogPosition {
    const head = this.#heads.use(channel);
    const { number, offset, storedAtMs } = this.#heads.grow(head);
    const column = toColumn(sender);
    this.#sql.run(
      `INSERT INTO channel_messages (channel, "offset", sender, message, checksum, stored_at) VALUES (?, ?, ?, ?, ?, ?)`,
      number,
      offset,
      column,
      message,
      checksumOf(message, number, offset, column),
      storedAtMs,
    );
    return { epoch: head.epoch, offset };
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
    const oldest = this.#oldestOf(number) ?? head.offset + 1;
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
      `DELETE FROM channel_messages WHERE number IN
        (SELECT number FROM channel_messages WHERE stored_at <= ? ORDER BY stored_at, number LIMIT ?)`,
      this.#now() - this.#limits.channelHistoryAgeMs,
      limit,
    );
  }

  /** Does what any number of messages to a channel leave to be done once, before a read or the end of the transaction. */
  settle(): void {
    for (const { row } of this.#heads.write()) {
      const last = row.offset - this.#limits.channelHistoryMessages;
      this.#sql.run(`DELETE FROM channel_messages WHERE channel = ? AND "offset" <= ?`, row.number, last);
    }
  }

  committed(): void {
    this.#heads.committed();
  }

  rolledBack(): void {
    this.#heads.rolledBack();
  }

  verify(): void {
    for (const row of this.#sql.each<MessageRow>("SELECT * FROM channel_messages")) recordOf(row);
  }

  #oldestOf(number: number): number | undefined {
    const row = this.#sql.get<{ oldest: number | null }>(
      `SELECT min("offset") AS oldest FROM channel_messages WHERE channel = ? AND stored_at > ?`,
      number,
      this.#now() - this.#limits.channelHistoryAgeMs,
    );
    return row?.oldest ?? undefined;
  }

  #records(number: number, low: number, count: number): LogRecord[] {
    const rows = this.#sql.all<MessageRow>(
      `SELECT * FROM channel_messages WHERE channel = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?`,
      number,
      low,
      count,
    );
    return rows.map(recordOf);
  }
}

/** True for the places of a log up to its head, and for the beginning of any log. */
function isPlaceOf(head: LogPosition, place: LogPosition): boolean {
  if (place.epoch === "" && place.offset === 0) return true;
  return place.epoch === head.epoch && place.offset <= head.offset;
}

function recordOf({ channel, offset, sender, message, checksum }: MessageRow): LogRecord {
  if (checksumOf(message, channel, offset, sender) !== checksum) throw new DamagedRecord("message of a channel");
  return { offset, sender: fromColumn(sender), message };
}
