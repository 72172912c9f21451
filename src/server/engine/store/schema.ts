import { putMessagesIntoSegments } from "./segment-migration.js";
import type { Connection } from "./sqlite.js";
import { StoreRefused } from "./store-refused.js";

/** What leads from one version of the schema to the next: SQL, or what SQL alone cannot do. */
export type Migration = string | ((connection: Connection) => void);

/** A step that was released is never changed; a change is a new step. */
export const migrations: readonly Migration[] = [
  `CREATE TABLE inbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL, user TEXT NOT NULL, message_id TEXT NOT NULL, sender TEXT NOT NULL,
    client_message_id TEXT NOT NULL, receipt_later INTEGER NOT NULL, message BLOB NOT NULL, expires_at INTEGER NOT NULL, checksum INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX inbox_message ON inbox (app, user, message_id);
  CREATE INDEX inbox_order ON inbox (app, user, sequence);
  CREATE INDEX inbox_expiry ON inbox (expires_at);

  CREATE TABLE attribute_sets (
    kind TEXT NOT NULL, app TEXT NOT NULL, id TEXT NOT NULL,
    revision INTEGER NOT NULL, attributes BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, app, id)
  );

  CREATE TABLE invitations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL, id TEXT NOT NULL, caller TEXT NOT NULL, callee TEXT NOT NULL, unique_key TEXT,
    version INTEGER NOT NULL, due_at INTEGER, ended_at INTEGER,
    offline_ms INTEGER NOT NULL, receive_ms INTEGER NOT NULL, answer_ms INTEGER NOT NULL,
    invitation BLOB NOT NULL, checksum INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX invitation_id ON invitations (app, id);
  CREATE UNIQUE INDEX invitation_unique ON invitations (app, unique_key) WHERE unique_key IS NOT NULL AND ended_at IS NULL;
  CREATE INDEX invitation_caller ON invitations (app, caller) WHERE ended_at IS NULL;
  CREATE INDEX invitation_callee ON invitations (app, callee) WHERE ended_at IS NULL;
  CREATE INDEX invitation_due ON invitations (due_at, number) WHERE due_at IS NOT NULL AND ended_at IS NULL;
  CREATE INDEX invitation_ended ON invitations (ended_at, number) WHERE ended_at IS NOT NULL;

  CREATE TABLE channels (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL, channel TEXT NOT NULL, epoch TEXT NOT NULL, head INTEGER NOT NULL, used_at INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX channel_key ON channels (app, channel);
  CREATE INDEX channel_use ON channels (used_at);
  CREATE TABLE channel_messages (
    number INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channels (number) ON DELETE CASCADE, "offset" INTEGER NOT NULL,
    sender TEXT NOT NULL, message BLOB NOT NULL, stored_at INTEGER NOT NULL, checksum INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX channel_message_offset ON channel_messages (channel, "offset");
  CREATE INDEX channel_message_age ON channel_messages (stored_at);

  CREATE TABLE bans (
    app TEXT NOT NULL, user TEXT NOT NULL, channel TEXT NOT NULL,
    until INTEGER, note TEXT NOT NULL, set_at INTEGER NOT NULL,
    PRIMARY KEY (app, user, channel)
  );
  CREATE INDEX ban_end ON bans (until) WHERE until IS NOT NULL;

  CREATE TABLE probe (filler BLOB NOT NULL);`,

  // Whether a user's set was to end with the session is not known any more; a channel's is looked at once, and then has its time.
  `ALTER TABLE attribute_sets ADD COLUMN due_at INTEGER;
  ALTER TABLE attribute_sets ADD COLUMN idle INTEGER NOT NULL DEFAULT 0;
  UPDATE attribute_sets SET due_at = 0 WHERE kind = 'channel';
  CREATE INDEX attribute_due ON attribute_sets (due_at) WHERE due_at IS NOT NULL;`,

  `CREATE TABLE revocations (
    app TEXT NOT NULL, user TEXT NOT NULL, issued_before INTEGER NOT NULL,
    PRIMARY KEY (app, user)
  );`,

  // One that ended has a timer until both sides have been told.
  `DROP INDEX invitation_due;
  CREATE INDEX invitation_due ON invitations (due_at, number) WHERE due_at IS NOT NULL;`,

  putMessagesIntoSegments,
];

/** The version of the schema that a database has: 0 for a new one. */
export function schemaVersion(connection: Connection): number {
  const { user_version: version } = connection.prepare("PRAGMA user_version").get() as { user_version: number };
  return version;
}

/**
 * Brings a database to the newest version, step by step, each in a transaction with the change of the version: wherever it is
 * killed, the next start goes on. Throws `StoreRefused` for a database of a newer server.
 */
export function migrate(connection: Connection, steps: readonly Migration[] = migrations): void {
  const present = schemaVersion(connection);
  refuseNewer(present, steps);
  for (const [index, step] of steps.entries()) {
    if (index < present) continue;
    connection.exec("BEGIN IMMEDIATE");
    try {
      if (typeof step === "string") connection.exec(step);
      else step(connection);
      connection.exec(`PRAGMA user_version = ${index + 1}`);
      connection.exec("COMMIT");
    } catch (failure) {
      if (connection.isTransaction) connection.exec("ROLLBACK");
      throw failure;
    }
  }
}

/** Throws `StoreRefused` for the version of a newer server. */
export function refuseNewer(present: number, steps: readonly Migration[] = migrations): void {
  if (present <= steps.length) return;
  throw new StoreRefused(
    `The data were written by a newer version of Aldis (schema ${present}, this one knows ${steps.length}). ` +
      "Start that version, or choose another directory with --data-dir.",
  );
}
