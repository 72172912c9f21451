import { type AddressInfo, connect, type Socket } from "node:net";
import type { Member, Wire, WireHost } from "../wire/wire.js";
import { type WireName, wires } from "../wire/wires.js";

/** Where a server listens. */
export type ServerAddress = Pick<AddressInfo, "address" | "port">;

/** Told of what comes over a connection. */
export interface ConnectionListener {
  onDelivery(buffer: Buffer, start: number, end: number): void;
  onMissed(messages: number): void;
  onBatch(): void;
  onBytes(bytes: number): void;
}

/**
 * Where all connections read what comes, one after the other: a buffer for each chunk would keep the collector busy, and with it a processor
 * that the server needs.
 */
const chunk = Buffer.alloc(64 * 1024);

/** A member's connection to a server: a socket and the wire that speaks on it. */
export class Connection {
  readonly wire: Wire;
  private readonly socket: Socket;
  private waiting: { resolve(): void; reject(failure: Error): void } | undefined;
  private failure: Error | undefined;

  constructor(
    name: WireName,
    { address, port }: ServerAddress,
    readonly member: Member,
    listener: ConnectionListener,
  ) {
    const host: WireHost = {
      write: (bytes) => this.socket.write(bytes),
      ready: () => this.settle(undefined),
      delivery: listener.onDelivery.bind(listener),
      missed: listener.onMissed.bind(listener),
      batch: listener.onBatch.bind(listener),
      failed: (reason) => this.settle(new Error(`${name}, ${member.userId}: ${reason}`)),
    };
    this.wire = new wires[name](member, host);
    const onRead = (length: number) => {
      listener.onBytes(length);
      this.wire.receive(chunk.subarray(0, length));
      return true;
    };
    this.socket = connect({ host: address, port, noDelay: true, onread: { buffer: chunk, callback: onRead } });
    this.socket.on("connect", () => this.wire.open());
    this.socket.on("error", (failure) => this.settle(failure));
    this.socket.on("close", () => this.settle(new Error(`${name}, ${member.userId}: the connection is over`)));
  }

  /** Waits until the wire is ready after its start or after the given step. Rejects when the connection fails first. */
  ready(step?: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      this.waiting = { resolve, reject };
      step?.();
    });
  }

  /** What went wrong with the connection, if anything. */
  get problem(): string | undefined {
    return this.failure?.message;
  }

  /** Reads nothing more, as a client does that hangs. */
  stall(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.destroy();
  }

  private settle(failure: Error | undefined): void {
    this.failure ??= failure;
    const waiting = this.waiting;
    this.waiting = undefined;
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(failure);
  }
}
