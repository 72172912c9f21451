import { type Member, Remainder, type Wire, type WireHost } from "./wire.js";

const lengthBytes = 4;

/** A client of the raw TCP server: a batch is its length and its bytes, and the entries of one are as long as each other. */
export class TcpWire implements Wire {
  private readonly batches = new Remainder();

  constructor(
    _member: Member,
    private readonly host: WireHost,
  ) {}

  open(): void {}

  receive(chunk: Buffer): void {
    this.batches.feed(chunk, (bytes) => {
      let at = 0;
      while (at + lengthBytes <= bytes.length) {
        const end = at + lengthBytes + bytes.readUInt32BE(at);
        if (end > bytes.length) break;
        if (end === at + lengthBytes) this.host.ready();
        else takeBatch(this.host, bytes, at + lengthBytes, end);
        at = end;
      }
      return at;
    });
  }

  publish(_channel: string, text: string): void {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(bytes.length);
    this.host.write(Buffer.concat([length, bytes]));
  }

  tick(): void {}
}

/** Tells of a batch and its entries, each behind its length. */
export function takeBatch(host: WireHost, bytes: Buffer, start: number, end: number): void {
  host.batch();
  for (let at = start; at < end; ) {
    const entryEnd = at + lengthBytes + bytes.readUInt32BE(at);
    host.delivery(bytes, at, entryEnd);
    at = entryEnd;
  }
}
