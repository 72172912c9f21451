import { type Member, Remainder, type Wire, type WireHost } from "./wire.js";

const lineEnd = Buffer.from("\r\n");
const options = JSON.stringify({ verbose: false, pedantic: false, echo: false, protocol: 1, lang: "bench", version: "1" });

/** A client of NATS: `MSG` lines with a payload behind each. */
export class NatsWire implements Wire {
  private readonly lines = new Remainder();

  constructor(
    private readonly member: Member,
    private readonly host: WireHost,
  ) {}

  open(): void {
    const { channels, sends } = this.member;
    const subscriptions = sends ? "" : channels.map((channel, i) => `SUB ${channel} ${i + 1}\r\n`).join("");
    this.host.write(`CONNECT ${options}\r\n${subscriptions}PING\r\n`);
  }

  receive(chunk: Buffer): void {
    this.lines.feed(chunk, (bytes) => {
      let at = 0;
      for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, at)) {
        const line = bytes.toString("latin1", at, end);
        const start = end + lineEnd.length;
        if (line.startsWith("MSG ")) {
          const length = Number(line.slice(line.lastIndexOf(" ") + 1));
          if (start + length + lineEnd.length > bytes.length) break;
          this.host.batch();
          this.host.delivery(bytes, start, start + length);
          at = start + length + lineEnd.length;
        } else {
          this.onLine(line);
          at = start;
        }
      }
      return at;
    });
  }

  publish(channel: string, text: string): void {
    this.host.write(`PUB ${channel} ${text.length}\r\n${text}\r\n`);
  }

  tick(): void {}

  private onLine(line: string): void {
    if (line === "PONG") this.host.ready();
    else if (line === "PING") this.host.write("PONG\r\n");
    else if (line.startsWith("-ERR")) this.host.failed(line);
  }
}
