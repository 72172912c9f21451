import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { adopt } from "../../bench/support/child.js";
import { createClient, type GrpcOptions } from "../../src/client/index.js";
import type { ClientOptions } from "../../src/client/options.js";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";

const program = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const secret = "the secret of the server processes, 32 bytes and more";
const appId = "dev";

/** Limits under which nothing is refused or forgotten for another reason than the fault that a test is about. */
const wideLimits = {
  ...{
    channelSends: 1e9,
    oneChannelSends: 1e9,
    peerSends: 1e9,
    channelAttributeWrites: 1e9,
    invitationCalls: 1e9,
    logins: 1e9,
    sameChannelJoins: 1e9,
  },
  ...{
    channelHistoryMessages: 1e5,
    channelHistoryAgeMs: 1e9,
    historyReads: 1e9,
    inboxMessages: 1e5,
    invitationsPerUser: 1e4,
    frames: 1e9,
    addressConnectionAttempts: 1e9,
    addressLogins: 1e9,
    addressRequests: 1e9,
    addressResets: 1e9,
  },
};

/** How a server is started. */
export interface ServerProcessOptions {
  readonly flags: readonly string[];
  /** What differs from limits that refuse nothing. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Where its log goes: a file that is open. By default to standard error, the worst lines only. */
  readonly log?: number;
}

export type Client = ReturnType<typeof createClient>;

/** A real server in a process of its own, as an operator starts it. It ends with this process at the latest. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens for gRPC and for HTTP, as "host:port". */
    readonly addresses: { readonly grpc: string; readonly http: string },
    /** From the start of the process until it listened, in milliseconds. */
    readonly startMs: number,
  ) {}

  static async start({ flags, limits, log }: ServerProcessOptions): Promise<ServerProcess> {
    const settings = Object.entries({ ...wideLimits, ...limits }).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
    const startedMs = performance.now();
    const level = log === undefined ? "fatal" : "info";
    const child = spawn(process.execPath, [program, "serve", "--json", "--log-level", level, ...flags, ...settings], {
      stdio: ["ignore", "pipe", log ?? "inherit"],
      env: { ...process.env, ALDIS_TOKEN_SECRET: secret },
    });
    adopt(child);
    const ended = once(child, "exit").then(() => Promise.reject(new Error("the server ended before it listened")));
    ended.catch(() => {});
    if (child.stdout === null) throw new Error("the server has no output");
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
    return new ServerProcess(child, JSON.parse(line), performance.now() - startedMs);
  }

  get lives(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it as a power cut ends a process: nothing that it planned happens any more. */
  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  /** Asks it to end in good order, and waits until it has. */
  terminate(): Promise<void> {
    return this.end("SIGTERM");
  }

  /** Stops the process until `resume`: its connections stay, and nothing answers. */
  pause(): void {
    this.child.kill("SIGSTOP");
  }

  resume(): void {
    this.child.kill("SIGCONT");
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.lives) return;
    const exited = once(this.child, "exit");
    this.child.kill(signal);
    await exited;
  }
}

/** A client of servers that `ServerProcess` has started. */
export function clientOf(route: GrpcOptions, userId: string, options: Partial<ClientOptions> = {}): Client {
  const key = secretTokenKey(secret);
  const token = () => issueToken({ appId, userId, key, runtime: systemRuntime });
  return createClient({ ...route, appId, userId, token, ...options });
}
