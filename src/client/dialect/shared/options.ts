import type { AdminTransport } from "../../admin/admin-transport.js";
import type { Logger } from "../../logger.js";
import type { Runtime } from "../../runtime.js";
import { type GrpcOptions, GrpcTransport } from "../../transport/grpc.js";
import { GrpcAdminTransport } from "../../transport/grpc-admin.js";
import type { Transport } from "../../transport/transport.js";

/** What the old systems did not ask for, since they knew their own servers: where Aldis is, and how to get there. */
export interface DialectOptions extends Partial<Pick<GrpcOptions, "address" | "tls" | "keepaliveMs">> {
  /** A way to the server of one's own, instead of an address. */
  readonly transport?: Transport;
  /** Where warnings go. Default: nowhere. */
  readonly logger?: Logger;
  /** Time and randomness. Default: those of the system. */
  readonly runtime?: Runtime;
}

/** The address of a server that was started with its defaults. */
const defaultAddress = "localhost:7400";

/** Options that hold where a factory gets none of its own: application code stays as it was. Each dialect has one. */
export class DefaultOptions<Options extends DialectOptions = DialectOptions> {
  #options: Partial<Options> = {};

  /** Replaces the defaults. */
  set(options: Partial<Options>): void {
    this.#options = { ...options };
  }

  /** The given options, completed by the defaults. */
  with(options: Partial<Options> = {}): Partial<Options> {
    return { ...this.#options, ...options };
  }
}

/** The way to the server's admin service, with the key of an operator. */
export function adminTransportOf({ address = defaultAddress, tls, runtime }: DialectOptions, key: string): AdminTransport {
  const [first = ""] = [address].flat();
  return new GrpcAdminTransport({ address: first, tls, runtime, key });
}

/** The transport that options ask for. */
export function transportOf({ transport, address = defaultAddress, ...grpc }: DialectOptions): Transport {
  return transport ?? new GrpcTransport({ address, ...grpc });
}
