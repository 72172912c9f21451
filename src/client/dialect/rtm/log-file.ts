// The one file of the dialect that knows Node.
import { appendFileSync } from "node:fs";

/** Appends a line to a file. Does nothing if that cannot be done: who logs has nobody to tell. */
export function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`);
  } catch {}
}
