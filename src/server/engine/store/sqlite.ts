// Chooses the build of SQLite: Node's own where it has one that is safe, else that of a package with the same API.
import type * as Package from "@photostructure/sqlite";

/** A connection to a database. Every call blocks, so the server makes them in a thread of their own. */
export type Connection = Package.DatabaseSyncInstance;
export type Statement = Package.StatementSyncInstance;

/** The first version without the fault that can lose the log of changes when two connections write it at once. */
const firstSafeVersion = [3, 51, 3];

const sqlite = isSafe(process.versions.sqlite) ? builtIn() : await import("@photostructure/sqlite");

export const { DatabaseSync, backup } = sqlite;

function isSafe(version: string | undefined): boolean {
  const parts = version?.split(".").map(Number) ?? [];
  const index = firstSafeVersion.findIndex((part, i) => part !== parts[i]);
  return index === -1 || (parts[index] ?? 0) > (firstSafeVersion[index] ?? 0);
}

/** Node's own, without its warning that the API is new: that is no news for whoever runs the server. */
function builtIn(): Pick<typeof Package, "DatabaseSync" | "backup"> {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    // The API is the same, and the types of Node 20 do not have it.
    return process.getBuiltinModule("node:sqlite") as typeof Package;
  } finally {
    process.emitWarning = emitWarning;
  }
}
