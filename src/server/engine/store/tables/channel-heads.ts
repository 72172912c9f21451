import { type ChannelKey, channelText } from "../../ports/keys.js";
import { positionAgeMs } from "../../shared/position-age.js";
import type { Sql } from "../sql.js";
import { toColumn } from "../text-column.js";
import type { TableParts } from "./table.js";

/** The most heads in memory between transactions. Beyond it the first are forgotten: an unwritten channel may get a new epoch. */
const maxHeads = 100_000;

/** What the database has, or will have with the end of the transaction, of a channel. */
interface Row {
  /** 0 for none. */
  readonly number: number;
  readonly offset: number;
  readonly usedAtMs: number;
  /** When the message at the offset was stored. */
  readonly storedAtMs: number;
}

/** The newest place of a channel. */
export interface Head {
  readonly columns: readonly [app: string, channel: string];
  readonly epoch: string;
  usedAtMs: number;
  row: Row;
}

interface ChannelRow {
  readonly number: number;
  readonly epoch: string;
  readonly head: number;
  readonly used_at: number;
  readonly stored_at: number | null;
}

const noRow: Row = { number: 0, offset: 0, usedAtMs: 0, storedAtMs: 0 };

/**
 * The heads of channels. Those used since the last sweep are in memory: any number of messages to a channel cost one write of its
 * head in each transaction, and what only looks at a head costs none until the next sweep.
 */
export class ChannelHeads {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #ageMs: number;
  readonly #heads = new Map<string, Head>();
  /** Those whose row is to be written before the transaction ends. */
  readonly #grown = new Set<Head>();
  /** The rows as they were before the transaction. */
  readonly #before = new Map<Head, Row>();
  /** The keys of those that came into memory with the transaction. */
  readonly #added: string[] = [];
  /** Those that go from memory with the end of the transaction, unless they are used again. */
  #swept: readonly (readonly [key: string, Head])[] = [];

  constructor({ sql, now, newId, limits }: TableParts) {
    this.#sql = sql;
    this.#now = now;
    this.#newId = newId;
    this.#ageMs = positionAgeMs(limits);
  }

  /** The head of a channel, whose age begins anew. */
  use(channel: ChannelKey): Head {
    const key = channelText(channel);
    const known = this.#heads.get(key);
    const head = known !== undefined && known.usedAtMs > this.#deadline ? known : this.#load(channel);
    if (head !== known) this.#keep(key, head);
    head.usedAtMs = this.#now();
    return head;
  }

  /** Moves a head on by some messages, and gives the row of which they are a part. */
  grow(head: Head, count: number): Row {
    const { number, offset, storedAtMs, usedAtMs } = head.row.number === 0 ? this.#insert(head) : head.row;
    // Ages rise with the offsets even if the time of day does not, so what is forgotten first is always the oldest.
    const row = { number, offset: offset + count, usedAtMs, storedAtMs: Math.max(this.#now(), storedAtMs) };
    this.#change(head, row);
    this.#grown.add(head);
    return row;
  }

  /** Writes the heads that have grown, and gives them. */
  write(): Head[] {
    const grown = [...this.#grown];
    this.#grown.clear();
    for (const head of grown) this.#update(head);
    return grown;
  }

  forget(channel: ChannelKey): void {
    const head = this.#heads.get(channelText(channel));
    if (head !== undefined) this.#grown.delete(head);
    this.#heads.delete(channelText(channel));
    this.#sql.run("DELETE FROM channels WHERE app = ? AND channel = ?", toColumn(channel.appId), toColumn(channel.channel));
  }

  /** Writes uses down, and forgets what is too old; at most `limit` of each. */
  sweep(limit: number): void {
    this.#swept = this.#first(limit);
    for (const [, head] of this.#swept) {
      if (head.row.number === 0) this.#insert(head);
      else if (!isWrittenDown(head)) this.#update(head);
    }
    this.#forgetOld(limit);
  }

  /** The transaction is on disk. */
  committed(): void {
    for (const [key, head] of this.#swept) if (isWrittenDown(head)) this.#heads.delete(key);
    for (const [key] of this.#first(this.#heads.size - maxHeads)) this.#heads.delete(key);
    this.#begin();
  }

  /** The transaction has not been. */
  rolledBack(): void {
    for (const [head, row] of this.#before) head.row = row;
    for (const key of this.#added) this.#heads.delete(key);
    this.#grown.clear();
    this.#begin();
  }

  #begin(): void {
    this.#before.clear();
    this.#added.length = 0;
    this.#swept = [];
  }

  get #deadline(): number {
    return this.#now() - this.#ageMs;
  }

  #load(channel: ChannelKey): Head {
    const columns = [toColumn(channel.appId), toColumn(channel.channel)] as const;
    const found = this.#sql.get<ChannelRow>(
      `SELECT number, epoch, head, used_at,
        (SELECT stored_at FROM channel_segments WHERE channel = channels.number AND last = channels.head) AS stored_at
        FROM channels WHERE app = ? AND channel = ?`,
      ...columns,
    );
    if (found === undefined || found.used_at <= this.#deadline) {
      return { columns, epoch: this.#newId(), usedAtMs: 0, row: noRow };
    }
    const { number, epoch, head: offset, used_at: usedAtMs, stored_at: storedAtMs } = found;
    return { columns, epoch, usedAtMs, row: { number, offset, usedAtMs, storedAtMs: storedAtMs ?? 0 } };
  }

  #forgetOld(limit: number): void {
    const old = this.#sql.all<{ number: number }>(
      "SELECT number FROM channels WHERE used_at <= ? LIMIT ?",
      this.#deadline,
      limit,
    );
    if (old.length === 0) return;
    const inMemory = new Map([...this.#heads.values()].map((head) => [head.row.number, head]));
    for (const { number } of old) {
      const head = inMemory.get(number);
      // One in memory may have been used since, and waits for its turn to be written down.
      if (head === undefined) this.#sql.run("DELETE FROM channels WHERE number = ?", number);
      else this.#update(head);
    }
  }

  #keep(key: string, head: Head): void {
    this.#heads.set(key, head);
    this.#added.push(key);
  }

  #first(limit: number): [string, Head][] {
    const first: [string, Head][] = [];
    for (const entry of this.#heads) {
      if (first.length >= limit) break;
      first.push(entry);
    }
    return first;
  }

  #change(head: Head, row: Row): void {
    if (!this.#before.has(head)) this.#before.set(head, head.row);
    head.row = row;
  }

  /** Gives a head a row in the place of that of another epoch, whose messages go. */
  #insert(head: Head): Row {
    const { columns, epoch, usedAtMs } = head;
    this.#sql.run("DELETE FROM channels WHERE app = ? AND channel = ?", ...columns);
    const inserted = this.#sql.get<{ number: number }>(
      "INSERT INTO channels (app, channel, epoch, head, used_at) VALUES (?, ?, ?, 0, ?) RETURNING number",
      ...columns,
      epoch,
      usedAtMs,
    );
    const row = { ...noRow, number: inserted?.number ?? 0, usedAtMs };
    this.#change(head, row);
    return row;
  }

  #update(head: Head): void {
    const { row, usedAtMs } = head;
    this.#sql.run("UPDATE channels SET head = ?, used_at = ? WHERE number = ?", row.offset, usedAtMs, row.number);
    this.#change(head, { ...row, usedAtMs });
  }
}

/** True if the database knows of the latest use. */
function isWrittenDown({ row, usedAtMs }: Head): boolean {
  return row.number > 0 && row.usedAtMs >= usedAtMs;
}
