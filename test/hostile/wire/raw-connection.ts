import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pause, type Target } from "../target.js";
import { FrameType, preface, settings } from "./http2-frames.js";

/** A connection on which an attacker writes bytes as it likes. What the server says is read, and only its end is looked at. */
export class RawConnection {
  /** True once the server has ended it. */
  over = false;
  private readonly socket: Socket;
  private received = Buffer.alloc(0);

  constructor(
    private readonly target: Target,
    address = target.nextAddress(),
  ) {
    this.socket = connect({ port: target.port, host: "127.0.0.1", localAddress: address });
    this.socket.on("data", (bytes) => this.onBytes(bytes));
    this.socket.on("error", () => {});
    this.socket.on("close", () => this.end());
  }

  /** A connection that has said what every HTTP/2 client says first. */
  static greeting(target: Target, address?: string): RawConnection {
    const connection = new RawConnection(target, address);
    connection.socket.write(Buffer.concat([preface, settings()]));
    return connection;
  }

  /** Writes, and waits until the system has taken it. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.over) return;
    if (this.socket.write(bytes)) return;
    await Promise.race([once(this.socket, "drain"), once(this.socket, "close"), pause(1000)]).catch(() => {});
  }

  /** Goes away by the attacker's own will. */
  leave(): void {
    this.over = true;
    this.socket.destroy();
  }

  private onBytes(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 9) {
      const length = this.received.readUIntBE(0, 3);
      if (this.received.length < 9 + length) return;
      if (this.received[3] === FrameType.GOAWAY && this.received.readUInt32BE(13) !== 0) {
        this.target.tally.refused(`GOAWAY ${this.received.readUInt32BE(13)}`);
      }
      this.received = this.received.subarray(9 + length);
    }
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.target.tally.cut += 1;
  }
}

/** Sends the same flood over several connections at once, each replaced when it is cut, until the attack is over. */
export async function flood(target: Target, connections: number, chunk: (turn: number) => Uint8Array, framesInChunk: number) {
  const one = async () => {
    while (!target.over) {
      const connection = RawConnection.greeting(target);
      for (let turn = 0; !connection.over && !target.over; turn += 1) {
        await connection.write(chunk(turn));
        target.tally.sent += framesInChunk;
        // So that the end of the connection is seen.
        await pause(0);
      }
      connection.leave();
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}
