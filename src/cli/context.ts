// All that the commands touch of the world around them, so that a test can run a command in its own process.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { AdminTransport } from "../client/admin/admin-transport.js";
import { type GrpcTls, GrpcTransport } from "../client/transport/grpc.js";
import { type AdminOptions, GrpcAdminTransport } from "../client/transport/grpc-admin.js";
import type { Transport } from "../client/transport/transport.js";
import type { Environment } from "../server/config.js";
import { createServer } from "../server/index.js";
import { type Runtime, systemRuntime } from "../server/runtime.js";
import { type Machine, systemMachine } from "./doctor/machine.js";
import { hostAndPort } from "./values.js";

/** Where a command writes. `isTTY` is true for a terminal. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface CliContext {
  readonly env: Environment;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** For what was asked for. */
  readonly output: Output;
  /** For explanations and errors. */
  readonly errors: Output;
  readonly runtime: Runtime;
  readonly machine: Machine;
  /** Reads a text file; throws an `Error` if it cannot. */
  readonly readFile: (path: string) => string;
  readonly createServer: typeof createServer;
  /** A way to a server at "host:port", or to several of a cluster, of which the first is tried first. */
  readonly openTransport: (address: string | readonly string[], tls?: boolean | GrpcTls) => Transport;
  readonly openAdminTransport: (options: AdminOptions) => AdminTransport;
  /** Whether something listens at "host:port". Never rejects. */
  readonly answers: (address: string) => Promise<boolean>;
  /** Calls the listener each time the process is asked to stop. */
  readonly onStop: (listener: () => void) => void;
  /** Calls the listener each time the process is asked to read its files again. */
  readonly onReload: (listener: () => void) => void;
}

const answerTimeoutMs = 1000;

/** The context of a process of its own. */
export function systemContext(): CliContext {
  return {
    env: process.env,
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    runtime: systemRuntime,
    machine: systemMachine,
    readFile: (path) => readFileSync(path, "utf8"),
    createServer,
    openTransport: (address, tls) => new GrpcTransport({ address, firstAddress: 0, tls }),
    openAdminTransport: (options) => new GrpcAdminTransport(options),
    answers,
    onStop(listener) {
      process.on("SIGINT", listener);
      process.on("SIGTERM", listener);
    },
    onReload: (listener) => process.on("SIGHUP", listener),
  };
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...hostAndPort(address), timeout: answerTimeoutMs });
    const settle = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", settle(true)).once("error", settle(false)).once("timeout", settle(false));
  });
}
