import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import { ErrorCode, ErrorDetail, RpcStatus } from "../../../gen/aldis/v1/error.js";
import { type Runtime, systemRuntime } from "../runtime.js";
import type { Link, LinkListener, LinkProblem, Transport } from "./transport.js";

/** Certificates in PEM. */
export interface GrpcTls {
  /** The certificates that the server's is checked against. Default: those of the system. */
  readonly rootCertificates?: string | Uint8Array;
  /** The client's own certificate, together with `clientKey`. Default: none. */
  readonly clientCertificate?: string | Uint8Array;
  /** The key of the client's own certificate. */
  readonly clientKey?: string | Uint8Array;
}

export interface GrpcOptions {
  /**
   * "host:port" of the server, or of several that share their users (a cluster), at least one. A client comes back to the one it was
   * with, where its session can go on; it moves to the next one if that one does not answer, takes no logins now, or shuts down.
   */
  readonly address: string | readonly string[];
  /** Which of several addresses to begin with, from 0. Default: one that is chosen by chance. */
  readonly firstAddress?: number;
  /** True for TLS with the certificates of the system. Default: no TLS. */
  readonly tls?: boolean | GrpcTls;
  /** The time in milliseconds between pings of HTTP/2, besides the heartbeat of the protocol. Default: none. */
  readonly keepaliveMs?: number;
  /** The time in milliseconds until the first word of the server. Default: 5,000. */
  readonly connectTimeoutMs?: number;
  /** Time. Default: that of the system. */
  readonly runtime?: Runtime;
}

const CONNECT_PATH = "/aldis.v1.RealtimeService/Connect";
const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;
/** How much a server may send before this client has read it: enough for a megabyte a second where a round trip takes one. */
const FLOW_CONTROL_WINDOW_BYTES = 1024 * 1024;
const identity = (bytes: Buffer): Buffer => bytes;

type Stream = ClientDuplexStream<Buffer, Buffer>;

/** Opens streams with gRPC on Node, each over a connection of its own. */
export class GrpcTransport implements Transport {
  readonly #addresses: readonly string[];
  readonly #options: GrpcOptions;
  #present: number;

  constructor(options: GrpcOptions) {
    const { address, runtime = systemRuntime } = options;
    this.#addresses = typeof address === "string" ? [address] : address;
    this.#present = options.firstAddress ?? Math.floor(runtime.random() * this.#addresses.length);
    this.#options = options;
  }

  moveOn(): void {
    this.#present += 1;
  }

  open(listener: LinkListener): Link {
    const client = new Client(this.#address(), credentialsOf(this.#options.tls), {
      "grpc.max_receive_message_length": LARGEST_MESSAGE_BYTES,
      // A connection of one's own has no back-off of an earlier one; the client has its own.
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_channelz": 0,
      "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW_BYTES,
      ...(this.#options.keepaliveMs === undefined ? {} : { "grpc.keepalive_time_ms": this.#options.keepaliveMs }),
    });
    const stream: Stream = client.makeBidiStreamRequest(CONNECT_PATH, identity, identity, new Metadata(), {});
    return this.#link(stream, listener.onFrame.bind(listener), (problem) => {
      client.close();
      listener.onClosed(problem);
    });
  }

  #link(stream: Stream, onFrame: (frame: Uint8Array) => void, onEnd: (problem: LinkProblem | undefined) => void): Link {
    const { runtime = systemRuntime, connectTimeoutMs = 5_000 } = this.#options;
    let problem: LinkProblem | undefined;
    let closing = false;
    const timer = runtime.clock.after(connectTimeoutMs, () => {
      problem = { message: "No connection in time.", code: ErrorCode.UNAVAILABLE };
      stream.cancel();
    });
    stream.on("data", (frame: Buffer) => {
      timer.cancel();
      onFrame(frame);
    });
    stream.on("error", () => {}); // The status says the same.
    stream.on("status", (result: StatusObject) => {
      problem ??= closing ? undefined : problemOf(result);
    });
    // The status may overtake the last frames; the end does not.
    stream.on("end", () => {
      timer.cancel();
      onEnd(problem);
    });
    return {
      send: (frame) => {
        if (!closing && stream.writable) stream.write(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
      },
      close: () => {
        closing = true;
        stream.cancel();
      },
    };
  }

  #address(): string {
    return this.#addresses[this.#present % this.#addresses.length] ?? "";
  }
}

/** What gRPC needs to open a connection with TLS, or without. */
export function credentialsOf(tls: boolean | GrpcTls | undefined): ChannelCredentials {
  if (tls === undefined || tls === false) return credentials.createInsecure();
  if (tls === true) return credentials.createSsl();
  return credentials.createSsl(pem(tls.rootCertificates), pem(tls.clientKey), pem(tls.clientCertificate));
}

function pem(content: string | Uint8Array | undefined): Buffer | null {
  return content === undefined ? null : Buffer.from(content);
}

/** A refusal keeps its code; everything else is a failure of the way to the server. */
function problemOf(result: StatusObject): LinkProblem | undefined {
  if (result.code === status.OK) return undefined;
  return { message: result.details || "The stream failed.", code: detailOf(result)?.code ?? codeOf(result.code) };
}

/** The code that is nearest to a gRPC status. */
export function codeOf(grpcStatus: status): ErrorCode {
  if (grpcStatus === status.UNAUTHENTICATED) return ErrorCode.INVALID_TOKEN;
  if (grpcStatus === status.PERMISSION_DENIED) return ErrorCode.NOT_AUTHORIZED;
  if (grpcStatus === status.UNIMPLEMENTED) return ErrorCode.UNIMPLEMENTED;
  return ErrorCode.UNAVAILABLE;
}

/** What a failed call says of its error. Undefined if it was not the server that failed it. */
export function detailOf(result: Pick<StatusObject, "metadata">): ErrorDetail | undefined {
  const [bytes] = result.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const detail = RpcStatus.decode(bytes).details[0];
    return detail === undefined ? undefined : ErrorDetail.decode(detail.value);
  } catch {
    return undefined;
  }
}
