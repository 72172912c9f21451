import { AldisError, messageOf } from "../client/error.js";
import type { GrpcTls } from "../client/transport/grpc.js";
import { CliError } from "./cli-error.js";
import type { CliContext } from "./context.js";

/** The options with which a command reaches a server with TLS. */
export interface TlsOptions {
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** What the options say of TLS. Undefined for none. */
export function tlsOf({ tls, tlsCa, tlsCert, tlsKey }: TlsOptions, { readFile }: CliContext): boolean | GrpcTls | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new CliError("Set --tls-cert and --tls-key together.", 2);
  if (tlsCa === undefined && tlsCert === undefined) return tls;
  const read = (path: string | undefined) => {
    try {
      return path === undefined ? undefined : readFile(path);
    } catch (thrown) {
      throw new CliError(`"${path}" cannot be read: ${messageOf(thrown)}.`);
    }
  };
  return { rootCertificates: read(tlsCa), clientCertificate: read(tlsCert), clientKey: read(tlsKey) };
}

/** What to add to the message of an error, if it looks like that of a server with TLS that was spoken to in the clear. */
export function tlsHint(message: string, { tls, tlsCa, tlsCert }: TlsOptions): string {
  const isClear = !tls && tlsCa === undefined && tlsCert === undefined;
  return isClear && message.includes("Failed to connect") ? "\nIf the server speaks TLS, give --tls or --tls-ca." : "";
}

/** The error of a command, with a hint where one helps. */
export function withTlsHint(thrown: unknown, options: TlsOptions): unknown {
  const hint = tlsHint(messageOf(thrown), options);
  return hint !== "" && thrown instanceof AldisError ? new CliError(`${thrown.codeName}: ${thrown.message}${hint}`) : thrown;
}
