import { randomBytes } from "node:crypto";
import { Remainder } from "./wire.js";

const opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const headersEnd = Buffer.from("\r\n\r\n");

interface WebSocketListener {
  opened(): void;
  /** A message stands between two offsets. */
  message(buffer: Buffer, start: number, end: number): void;
  failed(reason: string): void;
}

/** The client's end of a WebSocket without extensions. */
export class WebSocketLink {
  private readonly frames = new Remainder();
  private isOpen = false;

  constructor(
    private readonly path: string,
    private readonly write: (bytes: Buffer | string) => void,
    private readonly listener: WebSocketListener,
  ) {}

  open(): void {
    const key = randomBytes(16).toString("base64");
    const lines = [
      `GET ${this.path} HTTP/1.1`,
      "Host: bench",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${key}`,
    ];
    this.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  sendText(text: string): void {
    this.write(maskedFrame(opcode.text, Buffer.from(text)));
  }

  receive(chunk: Buffer): void {
    this.frames.feed(chunk, (bytes) => {
      let at = this.isOpen ? 0 : this.readAnswer(bytes);
      while (this.isOpen && at + 2 <= bytes.length) {
        const short = (bytes[at + 1] ?? 0) & 0x7f;
        const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (at + headerBytes > bytes.length) break;
        const start = at + headerBytes;
        const end = start + (short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6));
        if (end > bytes.length) break;
        this.onFrame((bytes[at] ?? 0) & 0x0f, bytes, start, end);
        at = end;
      }
      return at;
    });
  }

  private readAnswer(bytes: Buffer): number {
    const end = bytes.indexOf(headersEnd);
    if (end < 0) return 0;
    if (!bytes.subarray(0, end).includes("101")) this.listener.failed("no WebSocket");
    this.isOpen = true;
    this.listener.opened();
    return end + headersEnd.length;
  }

  private onFrame(code: number, bytes: Buffer, start: number, end: number): void {
    if (code === opcode.text || code === opcode.binary) this.listener.message(bytes, start, end);
    else if (code === opcode.ping) this.write(maskedFrame(opcode.pong, bytes.subarray(start, end)));
    else if (code === opcode.close) this.listener.failed("the server closed the WebSocket");
  }
}

/** A frame with a mask of zeros, which changes nothing and costs the server what any mask costs. */
function maskedFrame(code: number, payload: Buffer): Buffer {
  const isLong = payload.length >= 126;
  const header = Buffer.alloc(isLong ? 8 : 6);
  header[0] = 0x80 | code;
  header[1] = 0x80 | (isLong ? 126 : payload.length);
  if (isLong) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
