import { unzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";

/** What ends a call: gRPC's status, and a sentence for its client. */
export interface Failure {
  readonly code: status;
  readonly details: string;
}

const prefixBytes = 5;

/** The pieces of a message after which they are put together: whoever sends it byte by byte does not fill the memory with them. */
const mostPieces = 64;

/**
 * Cuts what comes over a stream into gRPC messages, and unpacks those that are compressed with gzip or deflate. A message of more than
 * `maxBytes`, packed or not, or one that cannot be unpacked, is the last: `fail` is called, and nothing is read any more.
 */
export class MessageReader {
  private pieces: Buffer[] = [];
  /** Where the next message begins in the first piece. */
  private start = 0;
  /** The bytes of the pieces from there on. */
  private bytes = 0;
  /** The bytes that the next message needs with its prefix: those of a prefix until that is known. */
  private needed = prefixBytes;
  private failed = false;

  constructor(
    private readonly maxBytes: number,
    private readonly fail: (failure: Failure) => void,
  ) {}

  add(chunk: Buffer): void {
    if (this.failed || chunk.length === 0) return;
    if (this.pieces.length >= mostPieces) this.join();
    this.pieces.push(chunk);
    this.bytes += chunk.length;
  }

  /** The next message that has come whole. Undefined if there is none. */
  next(): Buffer | undefined {
    if (this.bytes < this.needed || this.failed) return undefined;
    if (this.pieces.length > 1) this.join();
    const held = this.pieces[0] as Buffer;
    const begin = this.start + prefixBytes;
    const length = held.readUInt32BE(this.start + 1);
    if (length > this.maxBytes) return this.refuse(status.RESOURCE_EXHAUSTED, this.tooLarge(length));
    this.needed = prefixBytes + length;
    if (this.bytes < this.needed) return undefined;
    const isPacked = held[this.start] !== 0;
    this.passTo(begin + length);
    const message = held.subarray(begin, begin + length);
    return isPacked ? this.unpack(message) : message;
  }

  /** Puts the pieces together, without what has been read of the first. */
  private join(): void {
    const [first, ...others] = this.pieces;
    if (first !== undefined) this.pieces = [Buffer.concat([first.subarray(this.start), ...others])];
    this.start = 0;
  }

  /** Goes on behind a message. */
  private passTo(end: number): void {
    this.bytes -= end - this.start;
    this.start = end;
    this.needed = prefixBytes;
    if (this.bytes === 0) this.clear();
  }

  private clear(): void {
    [this.pieces, this.start, this.bytes, this.needed] = [[], 0, 0, prefixBytes];
  }

  private unpack(message: Buffer): Buffer | undefined {
    try {
      return unzipSync(message, { maxOutputLength: this.maxBytes });
    } catch (failure) {
      const isLarge = (failure as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
      if (isLarge) return this.refuse(status.RESOURCE_EXHAUSTED, `a message unpacks to more than ${this.maxBytes} bytes`);
      return this.refuse(status.INTERNAL, "a message is marked as compressed, and is neither gzip nor deflate");
    }
  }

  private tooLarge(length: number): string {
    return `a message has ${length} bytes, and may have ${this.maxBytes}`;
  }

  private refuse(code: status, details: string): undefined {
    this.failed = true;
    this.clear();
    this.fail({ code, details });
  }
}
