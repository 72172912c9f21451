// A real server on free ports, and clients that reach it over gRPC: what end-to-end tests begin with.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { onTestFinished, vi } from "vitest";
import { ErrorDetail, RpcStatus } from "../../gen/aldis/v1/error.js";
import type { Hello } from "../../gen/aldis/v1/session.js";
import type { Call, CallResult } from "../../gen/aldis/v1/stream.js";
import { GrpcTransport } from "../../src/client/transport/grpc.js";
import { type AldisServer, createServer, type ServerOptions } from "../../src/server/index.js";
import { silentLogger } from "../../src/server/observe/log.js";
import { RawClient } from "./raw-client.js";

// Sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

/** What a unary call came to. */
export interface UnaryOutcome {
  /** The gRPC status. */
  readonly code: number;
  readonly bytes: Uint8Array;
  /** What `grpc-status-details-bin` says, if it is there. */
  readonly status: RpcStatus | undefined;
  readonly error: ErrorDetail | undefined;
}

export interface TestServer {
  readonly server: AldisServer;
  readonly address: string;
  /** A link without a hello. */
  connect(lastCallId?: number): RawClient;
  /** A client that has said hello and has been answered. */
  login(userId: string, hello?: Partial<Hello>, lastCallId?: number): Promise<RawClient>;
  /** Calls on the stream, and waits for the answer. */
  ask(client: RawClient, request: NonNullable<Call["request"]>): Promise<CallResult["outcome"]>;
  /** Calls a unary method by its path. */
  unary(path: string, request: Uint8Array, metadata?: Record<string, string | string[]>): Promise<UnaryOutcome>;
}

/** Starts a server on free ports; it is gone when the test is over. */
export async function startTestServer(
  config: ServerOptions["config"] = {},
  options: Pick<ServerOptions, "loadConfig"> = {},
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-test-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const settings = {
    grpcPort: 0,
    httpPort: 0,
    store: "memory" as const,
    dataDir,
    development: false,
    tokenSecret: "a secret of tests, 32 bytes long",
  };
  const server = await createServer({ ...options, config: { ...settings, ...config }, logger: silentLogger() });
  onTestFinished(() => server.close());
  const address = server.addresses.grpc ?? "";
  const connect = (lastCallId = 0) => {
    const client = new RawClient((listener) => new GrpcTransport({ address }).open(listener), lastCallId);
    onTestFinished(() => client.cut());
    return client;
  };
  return {
    server,
    address,
    connect,
    async login(userId, hello = {}, lastCallId = 0) {
      const client = connect(lastCallId);
      client.hello({ appId: server.appId, userId, token: await server.issueToken({ userId }), ...hello });
      await client.until(() => client.controls.length > 0 || client.closed);
      return client;
    },
    async ask(client, request) {
      const call = client.call(request);
      await client.until(() => client.resultOf(call) !== undefined);
      return client.resultOf(call);
    },
    unary: (path, request, metadata = {}) => callUnary(address, path, request, metadata),
  };
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Calls a unary method with bytes, over a connection of its own. */
function callUnary(
  address: string,
  path: string,
  request: Uint8Array,
  entries: Record<string, string | string[]> = {},
): Promise<UnaryOutcome> {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [key, values] of Object.entries(entries)) for (const value of [values].flat()) metadata.add(key, value);
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, identity, identity, Buffer.from(request), metadata, (failure, bytes) => {
      client.close();
      resolve({ code: failure?.code ?? 0, bytes: bytes ?? new Uint8Array(0), ...detailsOf(failure) });
    });
  });
}

function detailsOf(failure: ServiceError | null): Pick<UnaryOutcome, "status" | "error"> {
  const [bytes] = failure?.metadata.get("grpc-status-details-bin") ?? [];
  if (!(bytes instanceof Uint8Array)) return { status: undefined, error: undefined };
  const status = RpcStatus.decode(bytes);
  return { status, error: status.details[0] && ErrorDetail.decode(status.details[0].value) };
}
