/** A batch that does not get full goes out after this time, so that the last messages of a run arrive. */
const patienceMs = 100;

/** The bytes in front of a message that say how long it is. */
export const lengthBytes = 4;

/** Collects messages into batches of a given number, each entry of a given length at least. A batch is joined once, for all receivers. */
export class Batches {
  private entries: Buffer[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly size: number,
    private readonly entryBytes: number,
    private readonly write: (entries: Buffer) => void,
  ) {}

  /** The batches that the command line of a server's process asks for. */
  static asArguments(write: (entries: Buffer) => void): Batches {
    const [size = 1, entryBytes = 0] = process.argv.slice(2).map(Number);
    return new Batches(size, entryBytes, write);
  }

  add(message: Buffer): void {
    const entry = Buffer.alloc(Math.max(this.entryBytes, lengthBytes + message.length), "x");
    entry.writeUInt32BE(entry.length - lengthBytes);
    message.copy(entry, lengthBytes);
    this.entries.push(entry);
    if (this.entries.length >= this.size) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), patienceMs);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.write(Buffer.concat(this.entries.splice(0)));
  }
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
