import type { Inbox, InboxMessage, Removed } from "../../ports/inbox.js";
import type { UserKey } from "../../ports/keys.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { fromColumn, toColumn } from "../text-column.js";
import type { Synchronous, Table, TableParts } from "./table.js";

interface Row {
  readonly sequence: number;
  readonly app: string;
  readonly user: string;
  readonly message_id: string;
  readonly sender: string;
  readonly client_message_id: string;
  readonly receipt_later: number;
  readonly message: Uint8Array;
  readonly expires_at: number;
  readonly checksum: number;
}

/** The inboxes of all users, in the order of one rising sequence, which never gives a number again. */
export class InboxTable implements Synchronous<Inbox>, Table {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #maxMessages: number;

  constructor({ sql, now, limits }: TableParts) {
    this.#sql = sql;
    this.#now = now;
    this.#maxMessages = limits.inboxMessages;
  }

  append(user: UserKey, message: Omit<InboxMessage, "sequence">): { dropped: Removed[] } {
    const changes = this.#sql.run(
      `INSERT INTO inbox
        (app, user, message_id, sender, client_message_id, receipt_later, message, expires_at, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...columnsOf(user),
      toColumn(message.messageId),
      toColumn(message.sender),
      toColumn(message.clientMessageId),
      message.receiptLater ? 1 : 0,
      message.message,
      message.expiresAtMs,
      checksum(message),
    );
    return { dropped: changes === 0 ? [] : this.#dropAbove(user) };
  }

  read(user: UserKey, afterSequence: number, limit: number): InboxMessage[] {
    const rows = this.#sql.all<Row>(
      `SELECT * FROM inbox INDEXED BY inbox_order
        WHERE app = ? AND user = ? AND sequence > ? AND expires_at > ? ORDER BY sequence LIMIT ?`,
      ...columnsOf(user),
      afterSequence,
      this.#now(),
      limit,
    );
    return rows.map(messageOf);
  }

  acknowledge(user: UserKey, sequences: readonly number[]): Removed[] {
    const rows = this.#sql.all<Row>(
      `SELECT * FROM inbox WHERE app = ? AND user = ? AND sequence IN (SELECT value FROM json_each(?)) ORDER BY sequence`,
      ...columnsOf(user),
      JSON.stringify(sequences),
    );
    return rows.map((row) => this.#remove(row));
  }

  expire(nowMs: number, limit: number): (Removed & { receiver: UserKey })[] {
    const rows = this.#sql.all<Row>(
      "SELECT * FROM inbox WHERE expires_at <= ? ORDER BY expires_at, sequence LIMIT ?",
      nowMs,
      limit,
    );
    return rows.map((row) => ({
      ...this.#remove(row),
      receiver: { appId: fromColumn(row.app), userId: fromColumn(row.user) },
    }));
  }

  verify(): void {
    for (const row of this.#sql.each<Row>("SELECT * FROM inbox")) messageOf(row);
  }

  /** One message has come, so at most one goes. */
  #dropAbove(user: UserKey): Removed[] {
    const columns = columnsOf(user);
    const counted = this.#sql.get<{ count: number }>(
      "SELECT count(*) AS count FROM inbox WHERE app = ? AND user = ?",
      ...columns,
    );
    if ((counted?.count ?? 0) <= this.#maxMessages) return [];
    const rows = this.#sql.all<Row>(
      `SELECT * FROM inbox WHERE sequence =
        (SELECT min(sequence) FROM inbox WHERE app = ? AND user = ? GROUP BY sender ORDER BY count(*) DESC, min(sequence) LIMIT 1)`,
      ...columns,
    );
    return rows.map((row) => this.#remove(row));
  }

  #remove(row: Row): Removed {
    this.#sql.run("DELETE FROM inbox WHERE sequence = ?", row.sequence);
    const { messageId, sender, clientMessageId, receiptLater } = messageOf(row);
    return { messageId, sender, clientMessageId, receiptLater };
  }
}

function columnsOf({ appId, userId }: UserKey): [string, string] {
  return [toColumn(appId), toColumn(userId)];
}

function messageOf(row: Row): InboxMessage {
  const stored = {
    sequence: row.sequence,
    message: row.message,
    sender: fromColumn(row.sender),
    messageId: fromColumn(row.message_id),
    clientMessageId: fromColumn(row.client_message_id),
    receiptLater: row.receipt_later === 1,
    expiresAtMs: row.expires_at,
  };
  if (checksum(stored) !== row.checksum) throw new DamagedRecord("message of an inbox");
  return stored;
}

function checksum({ message, sender, messageId, clientMessageId, expiresAtMs }: Omit<InboxMessage, "sequence">): number {
  return checksumOf(message, sender, messageId, clientMessageId, expiresAtMs);
}
