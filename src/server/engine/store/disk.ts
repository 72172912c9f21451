import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What the store asks the operating system about the disk below a path. */
export interface Disk {
  /** The bytes that this process may still write. */
  freeBytes(path: string): number;
  /** The number by which Linux knows the kind of file system. The path need not exist yet; undefined on other systems. */
  fileSystem(path: string): number | undefined;
}

export const systemDisk: Disk = {
  freeBytes(path) {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  },
  fileSystem(path) {
    // Some platforms give the number with a sign.
    return process.platform === "linux" ? statfsSync(nearestExisting(path)).type >>> 0 : undefined;
  },
};

/** A path, or the nearest one above it that exists. */
export function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(resolve(path)));
}
