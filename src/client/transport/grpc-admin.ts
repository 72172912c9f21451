import { Client, type ClientReadableStream, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ErrorCode, ErrorDetail } from "../../../gen/aldis/v1/error.js";
import type { AdminStreamListener, AdminTransport } from "../admin/admin-transport.js";
import { AldisError, failure } from "../error.js";
import { type Runtime, systemRuntime } from "../runtime.js";
import { codeOf, credentialsOf, detailOf, type GrpcTls } from "./grpc.js";

export interface AdminOptions {
  /** "host:port". */
  readonly address: string;
  /** The admin key. A secret. */
  readonly key: string;
  /** True for TLS with the certificates of the system. Default: no TLS. */
  readonly tls?: boolean | GrpcTls;
  /** The time in milliseconds that a call may take. Default: 15,000, above the server's own for receipts. */
  readonly callTimeoutMs?: number;
  /** Time. Default: that of the system. */
  readonly runtime?: Runtime;
}

const identity = (bytes: Buffer): Buffer => bytes;

/** The admin service over gRPC on Node. */
export class GrpcAdminTransport implements AdminTransport {
  readonly #client: Client;
  readonly #metadata = new Metadata();
  readonly #callTimeoutMs: number;
  readonly #runtime: Runtime;

  constructor({ address, key, tls, callTimeoutMs = 15_000, runtime = systemRuntime }: AdminOptions) {
    this.#runtime = runtime;
    this.#client = new Client(address, credentialsOf(tls), {
      "grpc.enable_channelz": 0,
      // A watch is silent while nothing happens, so a dead connection shows only by pings.
      "grpc.keepalive_time_ms": 20_000,
    });
    this.#metadata.set("authorization", `Bearer ${key}`);
    this.#callTimeoutMs = callTimeoutMs;
  }

  call(path: string, request: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        identity,
        identity,
        Buffer.from(request),
        this.#metadata,
        (thrown, response) => {
          timer.cancel();
          if (thrown !== null) reject(errorOf(thrown));
          else resolve(response ?? new Uint8Array(0));
        },
      );
      const timer = this.#runtime.clock.after(this.#callTimeoutMs, () => {
        reject(failure(ErrorCode.TIMEOUT, "The server did not answer in time."));
        call.cancel();
      });
    });
  }

  open(path: string, request: Uint8Array, listener: AdminStreamListener): () => void {
    const stream: ClientReadableStream<Buffer> = this.#client.makeServerStreamRequest(
      path,
      identity,
      identity,
      Buffer.from(request),
      this.#metadata,
      {},
    );
    let over = false;
    const close = (error: AldisError) => {
      if (!over) listener.onClosed(error);
      over = true;
    };
    stream.on("metadata", () => {
      if (!over) listener.onOpen();
    });
    stream.on("data", (message: Buffer) => {
      if (!over) listener.onMessage(message);
    });
    stream.on("error", (thrown: ServiceError) => close(errorOf(thrown)));
    stream.on("end", () => close(failure(ErrorCode.UNAVAILABLE, "The server ended the stream.")));
    return () => {
      over = true;
      stream.cancel();
    };
  }

  close(): void {
    this.#client.close();
  }
}

/** What the server said of a failed call; a failure of the way to it says only that. */
function errorOf(thrown: ServiceError): AldisError {
  return new AldisError(detailOf(thrown) ?? ErrorDetail.create({ code: codeOf(thrown.code), message: thrown.details }));
}
