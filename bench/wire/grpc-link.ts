import { Remainder } from "./wire.js";

const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
const flag = { endStream: 1, ack: 1, endHeaders: 4 } as const;
const frameHeaderBytes = 9;
const messageHeaderBytes = 5;
const initialWindow = 65_535;
/** What the client of Aldis lets a server send before it has read it. */
const clientWindow = 1024 * 1024;
const streamId = 1;
const initialWindowSetting = 4;

/** Told of what happens on a link. */
interface GrpcListener {
  /** The server has taken the call. */
  opened(): void;
  message(bytes: Buffer): void;
  failed(reason: string): void;
}

/**
 * One bidirectional gRPC call on a connection of its own: as much of HTTP/2 as servers on this machine need. It keeps the
 * windows of flow control like any client does, so a reader that stalls holds its server up.
 */
export class GrpcLink {
  private readonly frames = new Remainder();
  private readonly messages = new Remainder();
  private readonly waiting: Buffer[] = [];
  private readonly credit = { connection: initialWindow, stream: initialWindow };
  private serverWindow = initialWindow;
  private consumed = 0;

  constructor(
    private readonly path: string,
    private readonly write: (bytes: Buffer) => void,
    private readonly listener: GrpcListener,
  ) {}

  open(): void {
    const headers = Buffer.concat([
      Buffer.from([0x83, 0x86]), // POST and http, from the static table of HPACK
      literal(0x04, this.path),
      literal(0x01, "bench"),
      literal(0x00, "te", "trailers"),
      literal(0x00, "content-type", "application/grpc"),
    ]);
    this.write(
      Buffer.concat([
        Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        frame(frameType.settings, 0, 0, setting(initialWindowSetting, clientWindow)),
        frame(frameType.windowUpdate, 0, 0, uint32(clientWindow - initialWindow)),
        frame(frameType.headers, flag.endHeaders, streamId, headers),
      ]),
    );
  }

  send(message: Uint8Array): void {
    const prefix = Buffer.alloc(messageHeaderBytes);
    prefix.writeUInt32BE(message.length, 1);
    this.waiting.push(frame(frameType.data, 0, streamId, prefix, message));
    this.flush();
  }

  receive(chunk: Buffer): void {
    this.frames.feed(chunk, (bytes) => {
      let at = 0;
      while (at + frameHeaderBytes <= bytes.length) {
        const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
        if (end > bytes.length) break;
        this.onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes.readUInt32BE(at + 5), bytes.subarray(at + 9, end));
        at = end;
      }
      return at;
    });
    this.giveCredit();
  }

  private onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === frameType.data) this.onData(payload);
    else if (type === frameType.settings && (flags & flag.ack) === 0) this.onSettings(payload);
    else if (type === frameType.ping && (flags & flag.ack) === 0) this.write(frame(frameType.ping, flag.ack, 0, payload));
    else if (type === frameType.windowUpdate) this.onCredit(stream, payload.readUInt32BE(0));
    else if (type === frameType.reset || type === frameType.goaway) this.listener.failed("the server cut the stream");
    else if (type === frameType.headers) this.listener.opened();
    if (stream === streamId && type <= frameType.headers && (flags & flag.endStream) !== 0) {
      this.listener.failed("the server ended the stream");
    }
  }

  private onData(payload: Buffer): void {
    this.consumed += payload.length;
    this.messages.feed(payload, (bytes) => {
      let at = 0;
      while (at + messageHeaderBytes <= bytes.length) {
        const end = at + messageHeaderBytes + bytes.readUInt32BE(at + 1);
        if (end > bytes.length) break;
        this.listener.message(bytes.subarray(at + messageHeaderBytes, end));
        at = end;
      }
      return at;
    });
  }

  private onSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== initialWindowSetting) continue;
      const window = payload.readUInt32BE(at + 2);
      this.credit.stream += window - this.serverWindow;
      this.serverWindow = window;
    }
    this.write(frame(frameType.settings, flag.ack, 0));
    this.flush();
  }

  private onCredit(stream: number, bytes: number): void {
    if (stream === 0) this.credit.connection += bytes;
    else this.credit.stream += bytes;
    this.flush();
  }

  private flush(): void {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const bytes = next.length - frameHeaderBytes;
      if (bytes > Math.min(this.credit.connection, this.credit.stream)) return;
      this.credit.connection -= bytes;
      this.credit.stream -= bytes;
      this.write(next);
      this.waiting.shift();
    }
  }

  private giveCredit(): void {
    if (this.consumed < clientWindow / 2) return;
    const increment = uint32(this.consumed);
    this.consumed = 0;
    const frames = [0, streamId].map((stream) => frame(frameType.windowUpdate, 0, stream, increment));
    this.write(Buffer.concat(frames));
  }
}

function frame(type: number, flags: number, stream: number, ...payload: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUIntBE(
    payload.reduce((bytes, part) => bytes + part.length, 0),
    0,
    3,
  );
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, ...payload]);
}

function setting(name: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(name);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A header as HPACK writes it when it remembers nothing. Texts are shorter than 127 bytes. */
function literal(prefix: number, ...texts: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([prefix]), ...texts.flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)])]);
}
