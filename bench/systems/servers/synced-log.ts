import { type FileHandle, open } from "node:fs/promises";
import { fullLogBytes } from "../../../src/server/engine/store/layout.js";

/**
 * A file as large as the log of changes of Aldis's store. It has its size from the start on, since a sync of one that grows may wait
 * long; at its end it goes on at its beginning.
 */
export class SyncedLog {
  private at = 0;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string): Promise<SyncedLog> {
    const file = await open(path, "w");
    await file.write(Buffer.alloc(fullLogBytes));
    await file.sync();
    return new SyncedLog(file);
  }

  /** Resolves when the bytes are on disk, and all that came before. */
  append(bytes: Uint8Array): Promise<void> {
    const stored = this.last.then(() => this.store(bytes));
    this.last = stored;
    return stored;
  }

  private async store(bytes: Uint8Array): Promise<void> {
    if (this.at + bytes.length > fullLogBytes) this.at = 0;
    await this.file.write(bytes, 0, bytes.length, this.at);
    this.at += bytes.length;
    await this.file.datasync();
  }
}
