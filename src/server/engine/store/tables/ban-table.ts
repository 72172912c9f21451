import type { BanList, StoredBan } from "../../ports/ban-list.js";
import type { UserKey } from "../../ports/keys.js";
import type { Sql } from "../sql.js";
import { fromColumn, toColumn } from "../text-column.js";
import type { Synchronous, TableParts } from "./table.js";

interface Row {
  readonly app: string;
  readonly user: string;
  readonly channel: string;
  readonly until: number | null;
  readonly note: string;
  readonly set_at: number;
}

/** The bans of all users. */
export class BanTable implements Synchronous<BanList> {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor({ sql, now }: TableParts) {
    this.#sql = sql;
    this.#now = now;
  }

  set({ user, channel, untilMs, note, setAtMs }: StoredBan): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO bans (app, user, channel, until, note, set_at) VALUES (?, ?, ?, ?, ?, ?)",
      toColumn(user.appId),
      toColumn(user.userId),
      toColumn(channel),
      untilMs === 0 ? null : untilMs,
      toColumn(note),
      setAtMs,
    );
  }

  remove({ appId, userId }: UserKey, channel: string): boolean {
    const changes = this.#sql.run(
      "DELETE FROM bans WHERE app = ? AND user = ? AND channel = ? AND (until IS NULL OR until > ?)",
      toColumn(appId),
      toColumn(userId),
      toColumn(channel),
      this.#now(),
    );
    return changes > 0;
  }

  find({ appId, userId }: UserKey, channel: string, nowMs: number): StoredBan | undefined {
    const row = this.#sql.get<Row>(
      `SELECT * FROM bans WHERE app = ? AND user = ? AND channel IN (?, ?) AND (until IS NULL OR until > ?)
        ORDER BY channel LIMIT 1`,
      toColumn(appId),
      toColumn(userId),
      toColumn(""),
      toColumn(channel),
      nowMs,
    );
    return row === undefined ? undefined : banOf(row);
  }

  list(appId: string, nowMs: number, after: { userId: string; channel: string } | undefined, limit: number): StoredBan[] {
    const rows = this.#sql.all<Row>(
      `SELECT * FROM bans WHERE app = ? AND (user, channel) > (?, ?) AND (until IS NULL OR until > ?)
        ORDER BY user, channel LIMIT ?`,
      toColumn(appId),
      // No column is empty, so every ban comes after this place.
      after === undefined ? "" : toColumn(after.userId),
      after === undefined ? "" : toColumn(after.channel),
      nowMs,
      limit,
    );
    return rows.map(banOf);
  }

  /** Forgets bans that are over, at most `limit` of them. */
  sweep(limit: number): void {
    this.#sql.run(
      "DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE until <= ? ORDER BY until LIMIT ?)",
      this.#now(),
      limit,
    );
  }
}

function banOf(row: Row): StoredBan {
  return {
    user: { appId: fromColumn(row.app), userId: fromColumn(row.user) },
    channel: fromColumn(row.channel),
    untilMs: row.until ?? 0,
    note: fromColumn(row.note),
    setAtMs: row.set_at,
  };
}
