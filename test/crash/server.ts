import { type Client, clientOf, startServerProcess } from "../support/server-process.js";

export type { Client } from "../support/server-process.js";

/** A server in a process of its own, on a data directory that outlives it. */
export interface CrashingServer {
  /** From the start of the process until it listened, in milliseconds. */
  readonly startMs: number;
  /** A client, which has not logged in yet. */
  client(userId: string): Client;
  /** Ends it as a power cut ends a process: nothing that it planned happens any more. */
  kill(): Promise<void>;
}

export async function startServer(dataDir: string): Promise<CrashingServer> {
  const process = await startServerProcess({ flags: ["--data-dir", dataDir, "--grpc-port", "0", "--http-port", "0"] });
  const address = process.addresses.grpc;
  return {
    startMs: process.startMs,
    client: (userId) => clientOf({ address }, userId, { callTimeoutMs: 30_000 }),
    kill: () => process.kill(),
  };
}
