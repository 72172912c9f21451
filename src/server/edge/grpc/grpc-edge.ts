import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { AdminCalls } from "../../session/admin/admin-calls.js";
import type { UnaryCalls } from "../../session/unary-calls.js";
import type { Accept } from "../door.js";
import { adminImplementation, adminService } from "./admin-service.js";
import { addReflection } from "./reflection.js";
import { realtimeImplementation, realtimeService } from "./service.js";

export interface GrpcEdgeOptions {
  readonly host: string;
  readonly port: number;
  /** Those of TLS. Undefined to listen in the clear. */
  readonly credentials?: ServerCredentials;
  readonly accept: Accept;
  readonly calls: UnaryCalls;
  /** The calls of operators. Undefined to offer none. */
  readonly adminCalls: AdminCalls | undefined;
  readonly limits: Limits;
}

/** The edge over gRPC: the protocol's service, health and reflection on one port. */
export class GrpcEdge {
  private readonly health = new HealthImplementation({ "": "SERVING", "aldis.v1.RealtimeService": "SERVING" });

  private constructor(
    private readonly server: Server,
    /** "host:port", with the port that the system gave if 0 was asked for. */
    readonly address: string,
  ) {
    this.health.addToServer(server);
  }

  /** Listens. Rejects with an Error whose message names the address if that cannot be had. */
  static async listen({ host, port, credentials, accept, calls, adminCalls, limits }: GrpcEdgeOptions): Promise<GrpcEdge> {
    const server = new Server({
      // gRPC's own limit lies a little above ours, so that ours gives the typed error.
      "grpc.max_receive_message_length": limits.frameBytes + 1024,
      "grpc.max_concurrent_streams": 100,
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": 10_000,
      // Costs memory for each connection, and shows everybody's addresses.
      "grpc.enable_channelz": 0,
      "grpc-node.max_session_memory": 16,
    });
    server.addService(realtimeService, realtimeImplementation(accept, calls));
    if (adminCalls !== undefined) server.addService(adminService, adminImplementation(adminCalls));
    addReflection(server, ["aldis.v1.RealtimeService", ...(adminCalls === undefined ? [] : ["aldis.v1.AdminService"])]);
    const bound = await bind(server, `${bracketed(host)}:${port}`, credentials ?? ServerCredentials.createInsecure());
    return new GrpcEdge(server, `${bracketed(host)}:${bound}`);
  }

  /** Tells load balancers whether to send clients here. Connections go on. */
  setInviting(inviting: boolean): void {
    const status = inviting ? "SERVING" : "NOT_SERVING";
    for (const service of ["", "aldis.v1.RealtimeService"]) this.health.setStatus(service, status);
  }

  /** Ends everything at once. Sessions have said goodbye before. */
  close(): void {
    // Without channelz grpc-js forgets the connections in forceShutdown, and they would stay; drain knows them.
    this.server.drain(this.address, 0);
    this.server.forceShutdown();
  }
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (failure, port) => {
      if (failure === null) resolve(port);
      else reject(new Error(`cannot listen for gRPC on ${address}: ${failure.message}`, { cause: failure }));
    });
  });
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
