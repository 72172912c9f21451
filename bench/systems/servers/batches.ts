/** A batch that does not get full goes out after this time, so that the last messages of a run arrive. */
const patienceMs = 100;

/** The bytes in front of a message that say how long it is. */
export const lengthBytes = 4;

/** Collects entries into batches of a given number. */
export class Batches<T> {
  private entries: T[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly size: number,
    private readonly write: (entries: readonly T[]) => void,
  ) {}

  add(entry: T): void {
    this.entries.push(entry);
    if (this.entries.length >= this.size) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), patienceMs);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.write(this.entries.splice(0));
  }
}

/** A message behind its length, as long as an entry is at least. */
export function entryOf(message: Buffer, entryBytes: number): Buffer {
  const entry = Buffer.alloc(Math.max(entryBytes, lengthBytes + message.length), "x");
  entry.writeUInt32BE(entry.length - lengthBytes);
  message.copy(entry, lengthBytes);
  return entry;
}

/** What the command line of a floor's process says: the entries of a batch, the bytes of an entry, and the file of its log. */
export function floorArguments(): { readonly size: number; readonly entryBytes: number; readonly file: string | undefined } {
  const [size = "1", entryBytes = "0", file] = process.argv.slice(2);
  return { size: Number(size), entryBytes: Number(entryBytes), file };
}

/**
 * Takes the messages of a stream, each behind its length, with some bytes in front of that. Gives what has come of a message that
 * is not complete.
 */
export function eachMessage(bytes: Buffer, bytesInFront: number, take: (message: Buffer) => void): Buffer {
  const headBytes = bytesInFront + lengthBytes;
  let at = 0;
  while (bytes.length >= at + headBytes) {
    const end = at + headBytes + bytes.readUInt32BE(at + bytesInFront);
    if (end > bytes.length) break;
    take(bytes.subarray(at + headBytes, end));
    at = end;
  }
  return bytes.subarray(at);
}
