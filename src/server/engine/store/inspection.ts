// What an operator does with a store from outside, also while a server has it open.
import { existsSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { messageOf } from "../../message-of.js";
import { FreeSpace } from "./free-space.js";
import { databaseFile } from "./open-store.js";
import { migrations, schemaVersion } from "./schema.js";
import { backup, type Connection, DatabaseSync } from "./sqlite.js";
import { Store } from "./store.js";
import { StoreRefused } from "./store-refused.js";

export interface StoreStats {
  /** The version of the schema. */
  readonly schema: number;
  /** The sizes of the database, and of the log of changes, which keeps its size when they are in the database. */
  readonly databaseBytes: number;
  readonly logBytes: number;
  readonly inboxMessages: number;
  readonly attributeSets: number;
  readonly invitations: number;
  readonly channels: number;
  readonly channelMessages: number;
  readonly bans: number;
  readonly revocations: number;
}

/** What is counted in which table. */
const counts = {
  inboxMessages: "count(*) FROM inbox",
  attributeSets: "count(*) FROM attribute_sets",
  invitations: "count(*) FROM invitations",
  channels: "count(*) FROM channels",
  channelMessages: "coalesce(sum(last - first + 1), 0) FROM channel_segments",
  bans: "count(*) FROM bans",
  revocations: "count(*) FROM revocations",
};

/** The pages that a backup copies in one step: all, since a change between two steps would begin it anew. */
const allPages = 2 ** 30;

/** Counts what is in the store of a data directory. Throws `StoreRefused` if there is none, or it is of another version. */
export function storeStats(dataDir: string): StoreStats {
  return withDatabase(dataDir, (connection) => {
    refuseOtherVersion(connection, dataDir);
    const file = databaseFile(dataDir);
    const columns = Object.entries(counts).map(([name, count]) => `(SELECT ${count}) AS ${name}`);
    return {
      schema: schemaVersion(connection),
      databaseBytes: statSync(file).size,
      logBytes: existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0,
      ...(connection.prepare(`SELECT ${columns.join(", ")}`).get() as Record<keyof typeof counts, number>),
    };
  });
}

/**
 * Reads the whole store. Gives what is wrong with it, a line each; nothing if all is well. Throws `StoreRefused` if there is none,
 * or it is of another version.
 */
export function checkStore(dataDir: string): string[] {
  return withDatabase(dataDir, (connection) => {
    const problems = problemsIn(() => integrityProblems(connection));
    if (problems.length > 0) return problems;
    refuseOtherVersion(connection, dataDir);
    return problemsIn(() => verifyRecords(connection));
  });
}

function problemsIn(look: () => string[]): string[] {
  try {
    return look();
  } catch (failure) {
    return [messageOf(failure)];
  }
}

function integrityProblems(connection: Connection): string[] {
  const rows = connection.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
  return rows.map((row) => row.integrity_check).filter((line) => line !== "ok");
}

function verifyRecords(connection: Connection): string[] {
  const freeSpace = new FreeSpace(0, () => 0);
  new Store({ connection, limits: defaultLimits, newId: () => "", freeSpace }).verify();
  return [];
}

/** Its tables are not those that are asked here. */
function refuseOtherVersion(connection: Connection, dataDir: string): void {
  const version = schemaVersion(connection);
  if (version === migrations.length) return;
  throw new StoreRefused(
    `The store in ${dataDir} is of another version of Aldis (schema ${version}, this one knows ${migrations.length}). Use the ` +
      "version that wrote it, or start this one's server on it, which brings an older store up to date.",
  );
}

/** Copies the store as it is at one moment to a new file. Throws `StoreRefused` if there is no store, or the file exists or cannot be written. */
export async function backUpStore(dataDir: string, file: string): Promise<void> {
  if (existsSync(file)) throw new StoreRefused(`${file} exists already. Choose another name for the backup.`);
  // Under a name of its own until it is complete, so nobody takes half a backup for a whole one.
  const draft = `${file}.part`;
  await rm(draft, { force: true });
  try {
    await withDatabase(dataDir, (connection) => backup(connection, draft, { rate: allPages }));
  } catch (failure) {
    if (failure instanceof StoreRefused) throw failure;
    throw new StoreRefused(`The backup ${file} cannot be written: ${messageOf(failure)}. Choose another place for it.`);
  }
  await rename(draft, file);
}

function withDatabase<T>(dataDir: string, work: (connection: Connection) => T): T {
  const connection = openForReading(dataDir);
  const close = () => connection.close();
  let result: T;
  try {
    result = work(connection);
  } catch (failure) {
    close();
    throw failure;
  }
  if (!(result instanceof Promise)) close();
  else result.then(close, close);
  return result;
}

/** Opens the database of a data directory beside a server that may have it. Throws `StoreRefused` if there is none. */
export function openForReading(dataDir: string): Connection {
  const file = databaseFile(dataDir);
  if (!existsSync(file)) {
    throw new StoreRefused(`There is no store in ${dataDir}. Name the data directory of the server with --data-dir.`);
  }
  return new DatabaseSync(file, { readOnly: true, timeout: 5000 });
}
