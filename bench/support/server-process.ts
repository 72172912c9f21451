import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { randomId, systemRuntime } from "../../src/server/runtime.js";

const program = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
/** The clock ticks a second in which Linux counts the time of processes: fixed in its interface. */
const ticksPerSecond = 100;

/** A built server in a process of its own, on free ports. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly dataDir: string,
    private readonly secret: string,
    readonly address: string,
  ) {}

  /** Starts the server with limits that are not those of the protocol. */
  static async start(limits: Readonly<Record<string, number>>): Promise<ServerProcess> {
    const dataDir = await mkdtemp(join(tmpdir(), "aldis-bench-"));
    const secret = randomId(systemRuntime, 256);
    const flags = Object.entries(limits).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
    const child = spawn(
      process.execPath,
      [
        program,
        "serve",
        "--grpc-port",
        "0",
        "--http-port",
        "0",
        "--data-dir",
        dataDir,
        "--log-level",
        "error",
        "--json",
        ...flags,
      ],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ALDIS_TOKEN_SECRET: secret } },
    );
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, "line"), once(child, "exit").then(() => [undefined])])) as [
      string | undefined,
    ];
    if (line === undefined) throw new Error("the server did not start; run `npm run build` first");
    return new ServerProcess(child, dataDir, secret, (JSON.parse(line) as { grpc: string }).grpc);
  }

  token(userId: string): Promise<string> {
    return issueToken({ appId: "dev", userId, key: secretTokenKey(this.secret), runtime: systemRuntime });
  }

  /** The CPU time of the process so far in microseconds, as the operating system counts it. */
  cpuMicros(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    if (this.child.exitCode === null) await once(this.child, "exit");
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
