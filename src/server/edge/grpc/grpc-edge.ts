import { constants, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../../runtime.js";
import type { AddressLimits } from "../../session/address-limits.js";
import type { AdminCalls } from "../../session/admin/admin-calls.js";
import type { UnaryCalls } from "../../session/unary-calls.js";
import type { Accept } from "../door.js";
import { adminImplementation, adminService } from "./admin-service.js";
import { Listener } from "./listener.js";
import { patience } from "./patience.js";
import { addReflection } from "./reflection.js";
import { realtimeImplementation, realtimeService } from "./service.js";

export interface GrpcEdgeOptions {
  readonly host: string;
  readonly port: number;
  /** Those of TLS. Undefined to listen in the clear. */
  readonly credentials?: ServerCredentials;
  readonly accept: Accept;
  readonly addresses: AddressLimits;
  readonly calls: UnaryCalls;
  /** The calls of operators. Undefined to offer none. */
  readonly adminCalls: AdminCalls | undefined;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** The edge over gRPC: the protocol's service, health and reflection on one port. */
export class GrpcEdge {
  private readonly health = new HealthImplementation({ "": "SERVING", "aldis.v1.RealtimeService": "SERVING" });

  private constructor(
    private readonly server: Server,
    private readonly injector: Injector,
    private readonly listener: Listener,
    /** "host:port", with the port that the system gave if 0 was asked for. */
    readonly address: string,
  ) {
    this.health.addToServer(server);
  }

  /** Listens. Rejects with an Error whose message names the address if that cannot be had. */
  static async listen(options: GrpcEdgeOptions): Promise<GrpcEdge> {
    const { host, port, credentials, accept, addresses, calls, adminCalls, limits, clock } = options;
    // gRPC's own limit lies a little above ours, so that ours gives the typed error.
    const messageBytes = limits.frameBytes + 1024;
    const server = new Server({
      "grpc.max_receive_message_length": messageBytes,
      "grpc.max_concurrent_streams": 100,
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.max_connection_idle_ms": 300_000,
      // Costs memory for each connection, and shows everybody's addresses.
      "grpc.enable_channelz": 0,
      "grpc-node.max_session_memory": 16,
      interceptors: [patience(clock, limits)],
    });
    server.addService(realtimeService, realtimeImplementation(calls, { accept, clock, messageBytes }));
    if (adminCalls !== undefined) server.addService(adminService, adminImplementation(adminCalls));
    addReflection(server, ["aldis.v1.RealtimeService", ...(adminCalls === undefined ? [] : ["aldis.v1.AdminService"])]);
    const injector = server.createConnectionInjector(credentials ?? ServerCredentials.createInsecure());
    const take = injector.injectConnection.bind(injector);
    const listener = await Listener.listen({ host, port, addresses, clock, limits, take }).catch((failure: Error) => {
      server.forceShutdown();
      throw new Error(`cannot listen for gRPC on ${bracketed(host)}:${port}: ${failure.message}`, { cause: failure });
    });
    for (const http2 of http2ServersOf(server)) guard(http2, listener, clock);
    return new GrpcEdge(server, injector, listener, `${bracketed(host)}:${listener.port}`);
  }

  /** Tells load balancers whether to send clients here. Connections go on. */
  setInviting(inviting: boolean): void {
    const status = inviting ? "SERVING" : "NOT_SERVING";
    for (const service of ["", "aldis.v1.RealtimeService"]) this.health.setStatus(service, status);
  }

  /** Ends everything at once. Sessions have said goodbye before. */
  close(): void {
    this.injector.drain(0);
    this.server.forceShutdown();
    this.listener.close();
  }
}

type Injector = ReturnType<Server["createConnectionInjector"]>;

/**
 * Lets gRPC see only the requests that the listener lets through, and those not before all has been taken that came with them: for
 * requests that are given up as soon as they are begun it would do all its work for nobody.
 */
function guard(http2: Http2Server, listener: Listener, clock: Clock): void {
  const handlers = http2.listeners("stream");
  http2.removeAllListeners("stream");
  http2.on("stream", (stream, ...rest) => {
    const peer = peerOf(stream);
    stream.on("error", () => {});
    stream.once("close", () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) listener.onReset(peer);
    });
    // The connection is cut. Its session must not be destroyed here: that frees what Node still reads, and ends the process.
    if (!listener.onRequest(peer)) return;
    clock.soon(() => {
      if (stream.destroyed || stream.closed) return;
      for (const handle of handlers) handle.call(http2, stream, ...rest);
    });
  });
}

/** The HTTP/2 servers of gRPC. grpc-js has no way to them, so this reaches for the field in which it keeps them. */
function http2ServersOf(server: Server): Iterable<Http2Server> {
  return (server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> }).http2Servers.keys();
}

/** The peer of a stream, as the listener and gRPC name it. */
function peerOf({ session }: ServerHttp2Stream): string {
  const socket = session?.socket;
  return `${socket?.remoteAddress}:${socket?.remotePort}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
