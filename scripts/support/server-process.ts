import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { adopt } from "../../bench/support/child.js";

const program = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

/** How a server is started. */
export interface ServerProcessOptions {
  /** Flags of `aldis serve`. */
  readonly flags: readonly string[];
  /** Variables, besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its log goes: a file that is open. By default to standard error. */
  readonly log?: number;
}

/** A real server in a process of its own, as an operator starts it. It ends with this process at the latest. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens for gRPC and for HTTP, as "host:port". */
    readonly addresses: { readonly grpc: string; readonly http: string },
    /** From the start of the process until it listened, in milliseconds. */
    readonly startMs: number,
  ) {}

  static async start({ flags, env, log }: ServerProcessOptions): Promise<ServerProcess> {
    const startedMs = performance.now();
    // In a group of its own it does not hear the Ctrl-C that is meant for this process.
    const child = spawn(process.execPath, [program, "serve", "--json", ...flags], {
      detached: true,
      stdio: ["ignore", "pipe", log ?? "inherit"],
      env: { ...process.env, ...env },
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

  /** Calls a task when the process has ended, whoever ended it. */
  onExit(task: () => void): void {
    this.child.once("exit", task);
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
