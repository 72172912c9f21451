import { join } from "node:path";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { lockDirectory, unwritable } from "./directory-lock.js";
import { messageOf, resultCode } from "./failure.js";
import { migrate } from "./schema.js";
import { type Connection, DatabaseSync } from "./sqlite.js";
import { Store } from "./store.js";
import { StoreRefused } from "./store-refused.js";

const pageBytes = 4096;
/** Files above this are not checked as a whole at the start, which would take seconds; what is read is checked in any case. */
const checkedPages = (256 * 1024 * 1024) / pageBytes;
const damaged = [11, 26];
const notWritable = [8, 14];

/** In WAL mode with full synchronisation a transaction is on disk when COMMIT returns. */
const pragmas = `
  PRAGMA page_size = ${pageBytes};
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -16000;
  PRAGMA temp_store = MEMORY;
  PRAGMA busy_timeout = 5000;
  PRAGMA foreign_keys = ON;`;

export interface StoreOptions {
  /** Where the database is; made if there is none. */
  readonly dataDir: string;
  readonly limits: Limits;
  /** The size that the database may have. Infinity for the whole disk. */
  readonly maxBytes: number;
}

export interface OpenStore {
  readonly store: Store;
  close(): void;
}

/** The file of the database in a data directory. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, "aldis.db");
}

/** Opens the store of a data directory. Throws `StoreRefused` if it cannot be had or is not fit for use. */
export function openStore({ dataDir, limits, maxBytes }: StoreOptions, newId: () => string): OpenStore {
  const lock = lockDirectory(dataDir);
  let connection: Connection | undefined;
  const close = () => {
    if (connection !== undefined) foldLog(connection);
    connection?.close();
    lock.release();
  };
  try {
    connection = new DatabaseSync(databaseFile(dataDir));
    connection.exec(pragmas);
    if (maxBytes !== Number.POSITIVE_INFINITY) {
      connection.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)}`);
    }
    refuseDamaged(connection, dataDir);
    migrate(connection);
    return { store: new Store({ connection, limits, newId }), close };
  } catch (failure) {
    close();
    throw refusalOf(failure, dataDir);
  }
}

/** Leaves one file behind instead of three. It is no matter if that fails: the next start reads the log of changes. */
function foldLog(connection: Connection): void {
  try {
    connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // The failure that matters has been told by the call that met it.
  }
}

function refuseDamaged(connection: Connection, dataDir: string): void {
  const { page_count: pages } = connection.prepare("PRAGMA page_count").get() as { page_count: number };
  if (pages > checkedPages) return;
  const { quick_check: result } = connection.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
  if (result !== "ok") throw damagedFile(dataDir, result);
}

function refusalOf(failure: unknown, dataDir: string): unknown {
  const code = resultCode(failure) & 0xff;
  if (damaged.includes(code)) return damagedFile(dataDir, messageOf(failure));
  return notWritable.includes(code) ? unwritable(dataDir, failure) : failure;
}

function damagedFile(dataDir: string, detail: string): StoreRefused {
  return new StoreRefused(
    `The database ${databaseFile(dataDir)} is damaged: ${detail.replaceAll("\n", " ")}. Put a backup in its place, without the files ` +
      'aldis.db-wal and aldis.db-shm, or move all three away to begin with nothing. "aldis store check" tells more.',
  );
}
