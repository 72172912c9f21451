import { closeSync, fdatasyncSync, fstatSync, openSync, writeSync } from "node:fs";

const stepBytes = 65_536;

/**
 * Gives the log of changes of an open database its size at once, with zeros, which SQLite takes for its end. With every sync of a file
 * that has grown the file system writes more than the file, and waits for whatever else the disk has to do: of 300 messages, ten a
 * second, three waited 70 ms and more. It is no matter if this fails: then the log grows by itself.
 */
export function reserveLog(databaseFile: string, bytes: number): void {
  let file: number | undefined;
  try {
    file = openSync(`${databaseFile}-wal`, "r+");
    const zeros = Buffer.alloc(stepBytes);
    for (let at = fstatSync(file).size; at < bytes; at += stepBytes) {
      writeSync(file, zeros, 0, Math.min(stepBytes, bytes - at), at);
    }
    fdatasyncSync(file);
  } catch {
    // The disk is full or does not work: whoever stores something next is told.
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
