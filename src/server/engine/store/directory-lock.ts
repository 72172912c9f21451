import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../message-of.js";
import { makePrivateDirectory } from "../../private-directory.js";
import { resultCode } from "./failure.js";
import { type Connection, DatabaseSync } from "./sqlite.js";
import { StoreRefused } from "./store-refused.js";

const busy = 5;

/**
 * Takes a data directory for this process, and makes it if there is none. The lock is one of the operating system's, on a file
 * of its own, so it goes with the process however that ends. Throws `StoreRefused` if another has it or nothing can be written.
 */
export function lockDirectory(dataDir: string): { release(): void } {
  let lock: Connection;
  try {
    makePrivateDirectory(dataDir);
    lock = new DatabaseSync(join(dataDir, "aldis.lock"));
  } catch (failure) {
    throw unwritable(dataDir, failure);
  }
  try {
    lock.exec("BEGIN EXCLUSIVE");
    writeFileSync(pidFile(dataDir), `${process.pid}\n`);
  } catch (failure) {
    lock.close();
    if ((resultCode(failure) & 0xff) === busy) throw inUse(dataDir);
    throw unwritable(dataDir, failure);
  }
  return { release: () => lock.close() };
}

/** The refusal of a directory in which nothing can be written. */
export function unwritable(dataDir: string, failure: unknown): StoreRefused {
  return new StoreRefused(
    `The data directory ${dataDir} cannot be written: ${messageOf(failure)}. ` +
      "Make it writable for the user of the server, or choose another with --data-dir.",
  );
}

function inUse(dataDir: string): StoreRefused {
  return new StoreRefused(
    `The data directory ${dataDir} is in use by another server${holder(dataDir)}. ` +
      "Stop that one, or choose another directory with --data-dir.",
  );
}

/** Who has the directory, for people: the lock itself does not say it. */
function holder(dataDir: string): string {
  try {
    return ` (process ${readFileSync(pidFile(dataDir), "utf8").trim()})`;
  } catch {
    return "";
  }
}

function pidFile(dataDir: string): string {
  return join(dataDir, "aldis.pid");
}
