import { type Member, Remainder, type Wire, type WireHost } from "./wire.js";

const packet = { connect: 1, connectAnswer: 2, publish: 3, subscribe: 8, subscribeAnswer: 9 } as const;

/** A client of MQTT 3.1.1 that publishes and subscribes at most once (QoS 0). */
export class MqttWire implements Wire {
  private readonly packets = new Remainder();

  constructor(
    private readonly member: Member,
    private readonly host: WireHost,
  ) {}

  open(): void {
    const cleanSession = 2;
    this.send(packet.connect << 4, text("MQTT"), Buffer.from([4, cleanSession, 0, 0]), text(this.member.userId));
  }

  receive(chunk: Buffer): void {
    this.packets.feed(chunk, (bytes) => {
      let at = 0;
      while (at + 2 <= bytes.length) {
        let start = at + 1;
        let length = 0;
        for (let shift = 0; ; shift += 7) {
          const byte = bytes[start] ?? 0;
          start += 1;
          length += (byte & 0x7f) << shift;
          if (byte < 0x80) break;
        }
        if (start + length > bytes.length) break;
        this.onPacket((bytes[at] ?? 0) >> 4, bytes, start, start + length);
        at = start + length;
      }
      return at;
    });
  }

  publish(channel: string, content: string): void {
    this.send(packet.publish << 4, text(channel), Buffer.from(content));
  }

  tick(): void {}

  private onPacket(type: number, bytes: Buffer, start: number, end: number): void {
    if (type === packet.publish) {
      this.host.batch();
      this.host.delivery(bytes, start, end);
    } else if (type === packet.subscribeAnswer || (type === packet.connectAnswer && this.member.sends)) {
      this.host.ready();
    } else if (type === packet.connectAnswer) {
      const topics = this.member.channels.flatMap((channel) => [text(channel), Buffer.from([0])]);
      this.send((packet.subscribe << 4) | 2, Buffer.from([0, 1]), ...topics);
    }
  }

  private send(firstByte: number, ...parts: readonly Buffer[]): void {
    let length = parts.reduce((bytes, part) => bytes + part.length, 0);
    const header = [firstByte];
    for (; length >= 0x80; length >>= 7) header.push((length & 0x7f) | 0x80);
    header.push(length);
    this.host.write(Buffer.concat([Buffer.from(header), ...parts]));
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
