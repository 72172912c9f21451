import { createServer, type Server, type Socket } from "node:net";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock, Timer } from "../../runtime.js";
import type { AddressLimits, Visit } from "../../session/address-limits.js";

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
  readonly visit: Visit;
  /** True once it is to be closed: what still comes over it does not count. */
  isCut: boolean;
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
    const connection = this.connections.get(peer);
    connection?.timer.cancel();
    return connection === undefined || (!connection.isCut && this.keep(connection, connection.visit.request()));
  }

  /** A peer has given up a request. If its address does too little else the connection is cut. */
  onReset(peer: string): void {
    const connection = this.connections.get(peer);
    // Of a connection that is over the peer has given up nothing.
    if (connection === undefined || connection.isCut || connection.socket.destroyed) return;
    this.keep(connection, connection.visit.reset());
  }

  /** Lets nobody in any more, and ends all connections behind what is on its way. */
  close(): void {
    this.server.close();
    for (const { socket } of this.connections.values()) socket.destroySoon();
  }

  private keep(connection: Connection, isWelcome: boolean): boolean {
    if (isWelcome) return true;
    connection.isCut = true;
    // Not destroyed at once: this is said in the middle of a read. But Node would read on, 32 times as much before others have a turn.
    stopReading(connection.socket);
    this.options.clock.soon(() => connection.socket.destroy());
    return false;
  }

  private onConnection(socket: Socket): void {
    const { addresses, clock, limits, take } = this.options;
    const { remoteAddress = "", remotePort = 0 } = socket;
    const visit = addresses.connect(remoteAddress);
    if (visit === undefined) {
      socket.destroy();
      return;
    }
    const peer = `${remoteAddress}:${remotePort}`;
    const timer = clock.after(2 * limits.helloTimeoutMs, () => socket.destroy());
    this.connections.set(peer, { socket, timer, visit, isCut: false });
    socket.on("close", () => {
      timer.cancel();
      // A client may have come again from the same port before the end of its connection was heard.
      if (this.connections.get(peer)?.socket === socket) this.connections.delete(peer);
      visit.end();
    });
    take(socket);
  }
}

/** Nothing more is read from a socket that HTTP/2 has. It has no way to say so, so this reaches for the field in which it keeps its handle. */
function stopReading(socket: Socket): void {
  (socket as unknown as { readonly _handle: { readStop(): number } | null })._handle?.readStop();
}
