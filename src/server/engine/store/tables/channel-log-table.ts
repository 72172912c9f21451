import type { Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { ChannelLog, LogPosition, LogRange, LogRecord } from "../../ports/channel-log.js";
import { type ChannelKey, keyText } from "../../ports/keys.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { fromColumn, toColumn } from "../text-column.js";
import type { Synchronous, Table, TableParts } from "./table.js";

/** Positions are kept for a minute whatever the limits say: a channel in use that forgot its head would begin anew each time. */
const minPositionAgeMs = 60_000;

/** The most uses that wait to be written. Beyond it the first are forgotten: an unwritten channel may then get a new epoch. */
const maxUses = 100_000;

interface ChannelRow {
  readonly number: number;
  readonly epoch: string;
  readonly head: number;
  readonly used_at: number;
}

interface MessageRow {
  readonly channel: number;
  readonly offset: number;
  readonly sender: string;
  readonly message: Uint8Array;
  readonly stored_at: number;
  readonly checksum: number;
}

/** A channel that was used since the last sweep: what a read must leave behind, and would cost a write. */
interface Use {
  readonly channel: ChannelKey;
  readonly epoch: string;
  readonly atMs: number;
}

/** The logs of all channels. A head that nobody wrote to yet is in memory until the next sweep, and so are the times of reads. */
export class ChannelLogTable implements Synchronous<ChannelLog>, Table {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #limits: Limits;
  readonly #positionAgeMs: number;
  readonly #uses = new Map<string, Use>();

  constructor({ sql, now, newId, limits }: TableParts) {
    this.#sql = sql;
    this.#now = now;
    this.#newId = newId;
    this.#limits = limits;
    this.#positionAgeMs = Math.max(limits.emptyChannelAgeMs, limits.channelHistoryAgeMs, minPositionAgeMs);
  }

  append(channel: ChannelKey, { sender, message }: { sender: string; message: Uint8Array }): LogPosition {
    const before = this.head(channel);
    const head = { epoch: before.epoch, offset: before.offset + 1 };
    const number = this.#saveHead(channel, head, this.#now());
    const fields: [number, string] = [head.offset, toColumn(sender)];
    // Ages rise with the offsets even if the time of day does not, so what is forgotten first is always the oldest.
    this.#sql.run(
      `INSERT INTO channel_messages (channel, "offset", sender, message, checksum, stored_at) VALUES (?, ?, ?, ?, ?,
        max(?, coalesce((SELECT stored_at FROM channel_messages WHERE channel = ? AND "offset" = ?), 0)))`,
      number,
      ...fields,
      message,
      checksumOf(message, number, ...fields),
      this.#now(),
      number,
      before.offset,
    );
    this.#sql.run(
      `DELETE FROM channel_messages WHERE channel = ? AND "offset" <= ?`,
      number,
      head.offset - this.#limits.channelHistoryMessages,
    );
    return head;
  }

  /** The head of a channel, whose age begins anew. */
  head(channel: ChannelKey): LogPosition {
    const { epoch, offset } = this.#find(channel) ?? { epoch: this.#newId(), offset: 0 };
    this.#use({ channel, epoch, atMs: this.#now() });
    return { epoch, offset };
  }

  read(
    channel: ChannelKey,
    from: LogPosition | undefined,
    { backward = false, limit }: { backward?: boolean; limit: number },
  ): LogRange {
    const head = this.head(channel);
    const row = this.#rowOf(channel);
    const number = row?.epoch === head.epoch ? row.number : 0;
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
    this.#uses.delete(keyOf(channel));
    this.#sql.run("DELETE FROM channels WHERE app = ? AND channel = ?", ...columnsOf(channel));
  }

  /** Writes the uses down, and forgets what is too old; at most `limit` of each kind. */
  sweep(limit: number): void {
    for (const [key, use] of [...this.#uses].slice(0, limit)) {
      this.#writeDown(use);
      this.#uses.delete(key);
    }
    const nowMs = this.#now();
    this.#sql.run(
      `DELETE FROM channel_messages WHERE number IN
        (SELECT number FROM channel_messages WHERE stored_at <= ? ORDER BY stored_at, number LIMIT ?)`,
      nowMs - this.#limits.channelHistoryAgeMs,
      limit,
    );
    this.#sql.run(
      "DELETE FROM channels WHERE number IN (SELECT number FROM channels WHERE used_at <= ? LIMIT ?)",
      nowMs - this.#positionAgeMs,
      limit,
    );
  }

  verify(): void {
    for (const row of this.#sql.each<MessageRow>("SELECT * FROM channel_messages")) recordOf(row);
  }

  #find(channel: ChannelKey): LogPosition | undefined {
    const row = this.#rowOf(channel);
    const use = this.#uses.get(keyOf(channel));
    const deadline = this.#now() - this.#positionAgeMs;
    if (use !== undefined && use.atMs > deadline) {
      return { epoch: use.epoch, offset: row?.epoch === use.epoch ? row.head : 0 };
    }
    return row !== undefined && row.used_at > deadline ? { epoch: row.epoch, offset: row.head } : undefined;
  }

  #rowOf(channel: ChannelKey): ChannelRow | undefined {
    return this.#sql.get<ChannelRow>("SELECT * FROM channels WHERE app = ? AND channel = ?", ...columnsOf(channel));
  }

  #use(use: Use): void {
    const key = keyOf(use.channel);
    this.#uses.delete(key);
    this.#uses.set(key, use);
    if (this.#uses.size <= maxUses) return;
    for (const first of this.#uses.keys()) {
      this.#uses.delete(first);
      return;
    }
  }

  #writeDown({ channel, epoch, atMs }: Use): void {
    const row = this.#rowOf(channel);
    const isSame = row?.epoch === epoch;
    // An append has written it already.
    if (isSame && row.used_at >= atMs) return;
    this.#saveHead(channel, { epoch, offset: isSame ? row.head : 0 }, atMs);
  }

  /** Writes a head, and gives the number of its channel. The messages of another epoch go. */
  #saveHead(channel: ChannelKey, { epoch, offset }: LogPosition, usedAtMs: number): number {
    const columns = columnsOf(channel);
    this.#sql.run("DELETE FROM channels WHERE app = ? AND channel = ? AND epoch <> ?", ...columns, epoch);
    const saved = this.#sql.get<{ number: number }>(
      `INSERT INTO channels (app, channel, epoch, head, used_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (app, channel) DO UPDATE SET head = excluded.head, used_at = excluded.used_at RETURNING number`,
      ...columns,
      epoch,
      offset,
      usedAtMs,
    );
    return saved?.number ?? 0;
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

function columnsOf({ appId, channel }: ChannelKey): [string, string] {
  return [toColumn(appId), toColumn(channel)];
}

function keyOf({ appId, channel }: ChannelKey): string {
  return keyText(appId, channel);
}
