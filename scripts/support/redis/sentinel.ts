import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { adopt, stop } from "../../../bench/support/child.js";
import { freePort } from "../free-port.js";
import { findRedis } from "./program.js";
import type { RedisServer } from "./server.js";
import { type RedisTlsFiles, tlsOfClient, tlsSettings } from "./tls.js";

export interface SentinelOptions {
  /** The name by which clients ask for the primary. */
  readonly name: string;
  readonly primary: RedisServer;
  /** How long the primary must be silent before it is replaced, in milliseconds. Default: 1000. */
  readonly downAfterMs?: number;
  /** The password that it asks for. By default none. */
  readonly password?: string;
  /** By default it is reached in the clear, and so is the primary. */
  readonly tls?: RedisTlsFiles;
}

const host = "127.0.0.1";
/** How long a Sentinel may take to answer, or to know a replica, on a busy machine. */
const patienceMs = 30_000;

/** A real Sentinel, which decides alone. It ends with this process at the latest. */
export class RedisSentinel {
  readonly host = host;

  private constructor(
    readonly port: number,
    private readonly options: SentinelOptions,
    private readonly dir: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts one, and waits until it answers. Rejects if there is no Redis on this machine. */
  static async start(options: SentinelOptions): Promise<RedisSentinel> {
    const { name, primary, downAfterMs = 1000, password, tls } = options;
    const program = findRedis();
    if (program === undefined) throw new Error("there is no Redis; install it: apt-get install redis-server");
    const dir = await mkdtemp(join(tmpdir(), "aldis-sentinel-"));
    const port = await freePort();
    const settings = tls === undefined ? [["port", `${port}`] as const] : tlsSettings(tls, port);
    const lines = settings.map((setting) => setting.join(" "));
    lines.push(`bind ${host}`, `dir ${dir}`, `logfile ${join(dir, "sentinel.log")}`);
    if (password !== undefined) lines.push(`requirepass ${password}`);
    lines.push(`sentinel monitor ${name} ${primary.host} ${primary.port} 1`);
    lines.push(`sentinel down-after-milliseconds ${name} ${downAfterMs}`, `sentinel failover-timeout ${name} 10000`);
    const file = join(dir, "sentinel.conf");
    // It writes into its file what it learns.
    await writeFile(file, `${lines.join("\n")}\n`);
    const child = spawn(program, [file, "--sentinel"], { cwd: dir, stdio: "ignore", detached: true });
    adopt(child);
    const sentinel = new RedisSentinel(port, options, dir, child);
    await sentinel.#until("answers", async () => (await sentinel.call("PING")) === "PONG");
    return sentinel;
  }

  get address(): string {
    return `${host}:${this.port}`;
  }

  /** Runs one command over a connection of its own. Rejects with what the Sentinel says against it. */
  async call(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const { password } = this.options;
    const tls = this.options.tls && tlsOfClient(this.options.tls);
    const own = { host, port: this.port, password, tls };
    const client = new Redis({ ...own, retryStrategy: () => null, maxRetriesPerRequest: 0, protocol: 2 });
    client.on("error", () => {});
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** The port of the present primary. */
  async primaryPort(): Promise<number> {
    const [, port] = (await this.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", this.options.name)) as [string, string];
    return Number(port);
  }

  /** Waits until it could put a replica in the place of the primary. */
  async untilKnows(replica: RedisServer): Promise<void> {
    await this.#until(`knows the replica on port ${replica.port}`, async () => {
      const replicas = (await this.call("SENTINEL", "REPLICAS", this.options.name)) as readonly string[][];
      return replicas.map(fieldsOf).some((fields) => {
        const isWell = fields.get("flags") === "slave" && fields.get("master-link-status") === "ok";
        return isWell && fields.get("port") === `${replica.port}`;
      });
    });
  }

  /** Stops its process (SIGSTOP): connections stay, and nothing answers. */
  pause(): void {
    this.child.kill("SIGSTOP");
  }

  /** Lets it go on (SIGCONT). */
  resume(): void {
    this.child.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    this.resume();
    await stop(this.child);
    await rm(this.dir, { recursive: true, force: true });
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (const until = performance.now() + patienceMs; performance.now() < until; await sleep(20)) {
      if (await isSo().catch(() => false)) return;
    }
    await this.stop();
    throw new Error(`no Sentinel ${what}`);
  }
}

/** What Redis tells as names and values in turn. */
function fieldsOf(list: readonly string[]): ReadonlyMap<string, string> {
  return new Map(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ""] as const] : [])));
}
