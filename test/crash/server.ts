import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient } from "../../src/client/index.js";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";

const program = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const secret = "the secret of the crash test, 32 bytes and more";
/** Nothing is to be refused or forgotten for another reason than the crash. */
const limits = {
  ...{
    channelSends: 1e9,
    oneChannelSends: 1e9,
    peerSends: 1e9,
    channelAttributeWrites: 1e9,
    invitationCalls: 1e9,
    logins: 1e9,
  },
  ...{
    channelHistoryMessages: 1e5,
    channelHistoryAgeMs: 1e9,
    historyReads: 1e9,
    inboxMessages: 1e5,
    invitationsPerUser: 1e4,
    frames: 1e9,
  },
};

export type Client = ReturnType<typeof createClient>;

/** A server in a process of its own, on a data directory that outlives it. */
export interface CrashingServer {
  /** From the start of the process until it listened, in milliseconds. */
  readonly startMs: number;
  login(userId: string): Promise<Client>;
  /** Ends it as a power cut ends a process: nothing that it planned happens any more. */
  kill(): Promise<void>;
}

export async function startServer(dataDir: string): Promise<CrashingServer> {
  const flags = Object.entries(limits).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
  const ports = ["--grpc-port", "0", "--http-port", "0", "--json", "--log-level", "fatal"];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [program, "serve", "--data-dir", dataDir, ...ports, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ALDIS_TOKEN_SECRET: secret },
  });
  const exited = once(child, "exit");
  const ended = exited.then(() => Promise.reject(new Error("the server ended before it listened")));
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
  ended.catch(() => {});
  const { grpc: address } = JSON.parse(line) as { grpc: string };
  const key = secretTokenKey(secret);
  return {
    startMs: performance.now() - startedMs,
    async login(userId) {
      const token = () => issueToken({ appId: "dev", userId, key, runtime: systemRuntime });
      const client = createClient({ address, appId: "dev", userId, token, callTimeoutMs: 30_000 });
      return client;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
