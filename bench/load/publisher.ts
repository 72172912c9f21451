import { type Member, tickMs } from "../wire/wire.js";
import type { WireName } from "../wire/wires.js";
import { nowMicros, sleep } from "./clock.js";
import { Connection, type ServerAddress } from "./connection.js";
import { stampedText } from "./stamp.js";

/** The load of a measurement. */
export interface Load {
  /** Messages a second. */
  readonly rate: number;
  readonly seconds: number;
  /** The length of a message. */
  readonly bytes: number;
}

const deaf = { onDelivery() {}, onMissed() {}, onBatch() {}, onBytes() {} };

/** Sends numbered messages at a rate, over a connection of its own. */
export class Publisher {
  /** Messages sent so far. */
  sent = 0;
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly connection: Connection) {
    this.timer = setInterval(() => connection.wire.tick(), tickMs);
  }

  static async connect(wire: WireName, server: ServerAddress, member: Member): Promise<Publisher> {
    const connection = new Connection(wire, server, member, deaf);
    await connection.ready();
    return new Publisher(connection);
  }

  /**
   * Sends at a rate, and waits while the server is too far behind. Every message says when it was due, also if it had to wait, so
   * that a slow server cannot hide its latency by being sent less.
   */
  async run({ rate, seconds, bytes }: Load, isBehind: (sent: number) => boolean): Promise<void> {
    const start = nowMicros();
    const end = start + seconds * 1e6;
    for (let due = start; due < end && nowMicros() < end; ) {
      if (due <= nowMicros() && !isBehind(this.sent)) {
        this.send(bytes, due);
        due += 1e6 / rate;
      } else {
        await sleep(Math.max(1, (due - nowMicros()) / 1000));
      }
    }
  }

  /** Sends one message to every channel of the publisher. */
  send(bytes: number, dueMicros = nowMicros()): void {
    if (this.connection.problem !== undefined) throw new Error(this.connection.problem);
    const text = stampedText(this.sent, dueMicros, bytes);
    for (const channel of this.connection.member.channels) this.connection.wire.publish(channel, text);
    this.sent += 1;
  }

  close(): void {
    clearInterval(this.timer);
    this.connection.close();
  }
}
