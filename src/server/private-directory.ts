import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory for the eyes of its user only, and those above it. Throws if that cannot be. They are made one at a time:
 * Node's own way of making all of them never ends on a file system that takes none, such as /proc.
 */
export function makePrivateDirectory(path: string): void {
  if (existsSync(path)) return;
  makePrivateDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (failure) {
    // Another process may have made it meanwhile.
    if (!existsSync(path)) throw failure;
  }
}
