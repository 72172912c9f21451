import { createServer, type Server, type Socket } from "node:net";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock, Timer } from "../../runtime.js";
import type { AddressLimits } from "../../session/address-limits.js";

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly addresses: AddressLimits;
  readonly clock: Clock;
  /** A connection brings its first request in twice the time of a hello. */
  readonly limits: Pick<Limits, "helloTimeoutMs">;
  /** Takes a connection that may come in. */
  readonly take: (socket: Socket) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly timer: Timer;
}

/** The sockets of clients. gRPC has no limits for strangers, so it is given only those that may come in. */
export class Listener {
  /** By the peer, as gRPC names it. */
  private readonly connections = new Map<string, Connection>();

  private constructor(
    private readonly server: Server,
    private readonly options: ListenerOptions,
  ) {
    server.on("connection", (socket) => this.onConnection(socket));
  }

  /** Listens. Rejects with the system's error if the address cannot be had. */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const server = createServer({ noDelay: true });
    const listener = new Listener(server, options);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port, options.host, resolve);
    });
    return listener;
  }

  get port(): number {
    const address = this.server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** A request has come from a peer. False if its address asks too much: then the connection is cut. */
  onRequest(peer: string): boolean {
    this.connections.get(peer)?.timer.cancel();
    return this.take("addressRequests", peer);
  }

  /** A peer has given up a request that it had begun. Whoever does little else is cut. */
  onReset(peer: string): void {
    this.take("addressResets", peer);
  }

  /** Lets nobody in any more, and ends all connections behind what is on its way. */
  close(): void {
    this.server.close();
    for (const { socket } of this.connections.values()) socket.destroySoon();
  }

  private take(limit: "addressRequests" | "addressResets", peer: string): boolean {
    if (this.options.addresses.take(limit, peer) === 0) return true;
    // Not at once: this is said in the middle of reading from the socket.
    this.options.clock.soon(() => this.connections.get(peer)?.socket.destroy());
    return false;
  }

  private onConnection(socket: Socket): void {
    const { addresses, clock, limits, take } = this.options;
    const { remoteAddress = "", remotePort = 0 } = socket;
    const release = addresses.connect(remoteAddress);
    if (release === undefined) {
      socket.destroy();
      return;
    }
    const peer = `${remoteAddress}:${remotePort}`;
    const timer = clock.after(2 * limits.helloTimeoutMs, () => socket.destroy());
    this.connections.set(peer, { socket, timer });
    socket.on("close", () => {
      timer.cancel();
      this.connections.delete(peer);
      release();
    });
    take(socket);
  }
}
