import { checkpointPages, pageBytes } from "./layout.js";
import { type Connection, DatabaseSync } from "./sqlite.js";

/** In WAL mode with full synchronisation a transaction is on disk when COMMIT returns. */
const pragmas = `
  PRAGMA page_size = ${pageBytes};
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = ${checkpointPages};
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -16000;
  PRAGMA temp_store = MEMORY;
  PRAGMA busy_timeout = 5000;
  PRAGMA foreign_keys = ON;`;

/** Connects as the one who writes. `maxBytes` is the size that the database may have; Infinity for the whole disk. */
export function connect(file: string, maxBytes: number): Connection {
  const connection = new DatabaseSync(file);
  try {
    connection.exec(pragmas);
    if (maxBytes !== Number.POSITIVE_INFINITY) {
      connection.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)}`);
    }
    return connection;
  } catch (failure) {
    connection.close();
    throw failure;
  }
}
