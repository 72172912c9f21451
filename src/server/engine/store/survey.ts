import { accessSync, constants, existsSync } from "node:fs";
import { messageOf } from "../../message-of.js";
import { unwritable } from "./directory-lock.js";
import { type Disk, nearestExisting, systemDisk } from "./disk.js";
import { FreeSpace } from "./free-space.js";
import { openForReading } from "./inspection.js";
import { databaseFile, type StoreOptions } from "./open-store.js";
import { migrations, refuseNewer, schemaVersion } from "./schema.js";
import { refuseSharedDisk } from "./shared-disk.js";

export interface StoreSurvey {
  /** Why a server could not store there, in sentences that say what to do. */
  readonly problems: readonly string[];
  readonly freeBytes: number;
  /** The version of the schema of what is there. Undefined for nothing, or nothing that can be read. */
  readonly schema?: number;
  /** The version of the schema that this program writes. */
  readonly ownSchema: number;
}

/** What a server would find in a data directory. Changes nothing there, and does not mind a server that runs. Never throws. */
export function surveyStore(
  { dataDir, minFreeBytes, allowSharedDisk }: Pick<StoreOptions, "dataDir" | "minFreeBytes" | "allowSharedDisk">,
  disk: Disk = systemDisk,
): StoreSurvey {
  const problems: string[] = [];
  const attempt = <T>(look: () => T): T | undefined => {
    try {
      return look();
    } catch (failure) {
      problems.push(messageOf(failure));
      return undefined;
    }
  };
  attempt(() => allowSharedDisk || refuseSharedDisk(dataDir, disk));
  attempt(() => refuseUnwritable(dataDir));
  const freeSpace = new FreeSpace(minFreeBytes, () => disk.freeBytes(nearestExisting(dataDir)));
  const shortage = attempt(() => freeSpace.shortage());
  if (shortage !== undefined)
    problems.push(`Nothing would be stored: ${shortage}. Make room, or set another --min-free-bytes.`);
  const schema = existsSync(databaseFile(dataDir)) ? attempt(() => schemaOf(dataDir)) : undefined;
  return { problems, freeBytes: freeSpace.bytes, schema, ownSchema: migrations.length };
}

function refuseUnwritable(dataDir: string): void {
  try {
    accessSync(nearestExisting(dataDir), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (failure) {
    throw unwritable(dataDir, failure);
  }
}

function schemaOf(dataDir: string): number {
  const connection = openForReading(dataDir);
  try {
    const present = schemaVersion(connection);
    refuseNewer(present);
    return present;
  } finally {
    connection.close();
  }
}
