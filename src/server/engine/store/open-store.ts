import { join } from "node:path";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { messageOf } from "../../message-of.js";
import { DamagedRecord } from "./checksum.js";
import { connect } from "./connection.js";
import { lockDirectory, unwritable } from "./directory-lock.js";
import type { Disk } from "./disk.js";
import { resultCode } from "./failure.js";
import { FreeSpace } from "./free-space.js";
import { pageBytes } from "./layout.js";
import { reserveLog } from "./log-space.js";
import { migrate } from "./schema.js";
import { refuseSharedDisk } from "./shared-disk.js";
import type { Connection } from "./sqlite.js";
import { Store } from "./store.js";
import { StoreRefused } from "./store-refused.js";

/** Files above this are not checked as a whole at the start, which would take seconds; what is read is checked in any case. */
const checkedPages = (256 * 1024 * 1024) / pageBytes;
const damaged = [11, 26];
const notWritable = [8, 14];

export interface StoreOptions {
  /** Where the database is; made if there is none. */
  readonly dataDir: string;
  readonly limits: Limits;
  /** The size that the database may have. Infinity for the whole disk. */
  readonly maxBytes: number;
  /** The free bytes on the disk below which nothing is stored. 0 for any. */
  readonly minFreeBytes: number;
  /** The size that the log of changes is given at the start, if there is room. 0 for one that grows. */
  readonly logBytes: number;
  /** True for a directory that may be on a file system which others share. */
  readonly allowSharedDisk: boolean;
}

/** What a store needs of the world. */
export interface StoreWorld {
  readonly newId: () => string;
  readonly disk: Disk;
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
export function openStore(options: StoreOptions, { newId, disk }: StoreWorld): OpenStore {
  const { dataDir, limits, maxBytes, minFreeBytes, logBytes, allowSharedDisk } = options;
  if (!allowSharedDisk) refuseSharedDisk(dataDir, disk);
  const lock = lockDirectory(dataDir);
  let connection: Connection | undefined;
  const close = () => {
    if (connection !== undefined) foldLog(connection);
    connection?.close();
    lock.release();
  };
  try {
    connection = connect(databaseFile(dataDir), maxBytes);
    refuseDamaged(connection, dataDir);
    migrate(connection);
    if (disk.freeBytes(dataDir) - logBytes > minFreeBytes) reserveLog(databaseFile(dataDir), logBytes);
    const freeSpace = new FreeSpace(minFreeBytes, () => disk.freeBytes(dataDir));
    return { store: new Store({ connection, limits, newId, freeSpace }), close };
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
  // The quick one would not see that an index misses a row, which would then count as never stored.
  const { integrity_check: result } = connection.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
  if (result !== "ok") throw damagedFile(dataDir, result);
}

function refusalOf(failure: unknown, dataDir: string): unknown {
  const code = resultCode(failure) & 0xff;
  if (failure instanceof DamagedRecord || damaged.includes(code)) return damagedFile(dataDir, messageOf(failure));
  return notWritable.includes(code) ? unwritable(dataDir, failure) : failure;
}

function damagedFile(dataDir: string, detail: string): StoreRefused {
  return new StoreRefused(
    `The database ${databaseFile(dataDir)} is damaged: ${detail.replaceAll("\n", " ")}. Put a backup in its place, without the files ` +
      'aldis.db-wal and aldis.db-shm, or move all three away to begin with nothing. "aldis store check" tells more.',
  );
}
