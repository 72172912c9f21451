import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const sampleEveryMs = 100;

export const secret = "the secret of the hostile run, 32 bytes and more";

/** The memory above which the server lets nobody new in, and that which it must never have, in bytes. */
const [memoryBytes, memoryCeiling] = [448 * 1024 * 1024, 576 * 1024 * 1024];

/** Ceilings that an attack reaches within seconds, and time-outs that it lives to see. */
const ceilings = { sessions: 600, channels: 400, memoryBytes, addressConnections: 100 };
const limits = { ...ceilings, helloTimeoutMs: 1000, resumeWindowMs: 1000 };

/** A server in a process of its own, as an operator would start it. */
export class Server {
  /** The most memory that it has had since the last look, in bytes. */
  private peak = 0;
  private readonly badLines: string[] = [];
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    this.timer = setInterval(() => this.sample(), sampleEveryMs);
    if (child.stderr !== null) createInterface({ input: child.stderr }).on("line", (line) => this.onLine(line));
  }

  /** Starts the server. Honest clients come from 127.0.0.1, which it trusts; attackers do not. */
  static async start(dataDir: string): Promise<Server> {
    const flags = Object.entries(limits).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
    const ports = ["--grpc-port", "0", "--http-port", "0", "--json", "--data-dir", dataDir];
    const doors = ["--trusted-networks", "127.0.0.1", "--app-server-hosts", "*"];
    const child = spawn(process.execPath, [program, "serve", ...ports, ...doors, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ALDIS_TOKEN_SECRET: secret },
    });
    process.once("exit", () => child.kill("SIGKILL"));
    const ended = once(child, "exit").then(() => Promise.reject(new Error("the server ended before it listened")));
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
    ended.catch(() => {});
    const { grpc } = JSON.parse(line) as { grpc: string };
    return new Server(child, Number(grpc.slice(grpc.lastIndexOf(":") + 1)));
  }

  get lives(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What is wrong with the process since the last look, in sentences, and the most memory it had. */
  look(): { readonly peakBytes: number; readonly problems: readonly string[] } {
    this.sample();
    const problems = this.badLines.splice(0).map((line) => `a line of the log is not what it should be: ${line}`);
    if (!this.lives) problems.push("the process of the server has ended");
    if (this.peak > memoryCeiling)
      problems.push(`the server had ${this.peak} bytes of memory; the ceiling is ${memoryCeiling}`);
    const peakBytes = this.peak;
    this.peak = 0;
    return { peakBytes, problems };
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    if (!this.lives) return;
    const exited = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exited;
  }

  private sample(): void {
    if (!this.lives) return;
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.child.pid}/status`, "utf8"));
    this.peak = Math.max(this.peak, Number(line?.[1] ?? 0) * 1024);
  }

  /** A line is one object of JSON, and has nothing that a terminal would obey. A fault of the server is one here too. */
  private onLine(line: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    if (!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(line) && levelOf(line) < 50) return;
    this.badLines.push(JSON.stringify(line.slice(0, 500)));
  }
}

/** The level of a line of the log; that of a fault if it is no such line. */
function levelOf(line: string): number {
  try {
    return Number((JSON.parse(line) as { level: unknown }).level);
  } catch {
    return 60;
  }
}
