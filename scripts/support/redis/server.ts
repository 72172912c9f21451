import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { adopt, stop } from "../../../bench/support/child.js";
import { freePort } from "../free-port.js";
import { findRedis } from "./program.js";
import { type RedisTlsFiles, tlsOfClient, tlsSettings } from "./tls.js";

export interface RedisOptions {
  /** When what is written is synced to the append-only file. By default there is none, and a restart finds nothing. */
  readonly appendFsync?: "everysec" | "always";
  /** Where it keeps its files. By default a new directory, which goes with the server. */
  readonly dir?: string;
  /** The password that clients must give. By default they need none. */
  readonly password?: string;
  /** The server whose replica it is. */
  readonly replicaOf?: RedisServer;
  /** True for a node of a Redis Cluster, which has no slots at first. */
  readonly cluster?: boolean;
  /** By default it is reached in the clear. */
  readonly tls?: RedisTlsFiles;
  /** More options of the program, such as ["--maxmemory", "100mb"]. */
  readonly more?: readonly string[];
}

const host = "127.0.0.1";
/** How long a server may take to answer. It may have to read an append-only file on a busy machine. */
const startMs = 30_000;
const tries = 5;
/**
 * How long a node of a cluster may be silent before the others call it failed. Longer than a busy machine, or one that was
 * stopped for a while, keeps a process waiting: nobody takes over from it, and for half a minute nobody serves its slots.
 */
const nodeTimeoutMs = 120_000;
/** As many characters of a log as a report of a crash has. */
const endOfLogLength = 20_000;

/** A real Redis (or Valkey) on a free port of this machine, which ends with this process at the latest. */
export class RedisServer {
  readonly host = host;
  #child: ChildProcess | undefined;
  #leader: RedisServer | undefined;

  private constructor(
    readonly port: number,
    /** The port on which nodes of a cluster talk with each other. */
    readonly busPort: number,
    readonly dir: string,
    private readonly options: RedisOptions,
  ) {
    this.#leader = options.replicaOf;
  }

  /** Starts a server, and waits until it answers. Rejects if there is no Redis on this machine. */
  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "aldis-redis-")));
    for (let left = tries; ; left -= 1) {
      const server = new RedisServer(await freePort(), await freePort(), dir, options);
      try {
        await server.#run();
        return server;
      } catch (failure) {
        // Somebody else may have taken the port.
        if (left === 1 || findRedis() === undefined) throw failure;
      }
    }
  }

  get address(): string {
    return `${host}:${this.port}`;
  }

  /** With the password, if it has one. */
  get url(): string {
    const { password, tls } = this.options;
    return `redis${tls === undefined ? "" : "s"}://${password === undefined ? "" : `:${encodeURIComponent(password)}@`}${this.address}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Runs one command over a connection of its own. Rejects with what Redis says against it, or what it logged before it ended. */
  async call(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const client = this.connect();
    try {
      return await client.call(command, ...args);
    } catch (failure) {
      const ending = endingOf(this.#child);
      if (ending === undefined) throw failure;
      throw new Error(`redis-server ended with ${ending}; the end of its log:\n${await this.#endOfLog()}`, { cause: failure });
    } finally {
      client.disconnect();
    }
  }

  /** A connection that does not come back by itself. */
  connect(): Redis {
    const { password } = this.options;
    const tls = this.options.tls && tlsOfClient(this.options.tls);
    const client = new Redis({ host, port: this.port, password, tls, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on("error", () => {});
    return client;
  }

  /** Ends it as a power cut ends a process (kill -9). */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const over = once(child, "exit");
    child.kill("SIGKILL");
    await over;
  }

  /** Stops its process (SIGSTOP): connections stay, and nothing answers. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** Lets it go on (SIGCONT). */
  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Starts it again on its port after `kill`, with what its append-only file has, or with nothing. */
  async restart({ keepData }: { readonly keepData: boolean }): Promise<void> {
    await this.kill();
    if (!keepData) await this.#forget();
    await this.#run();
  }

  /** Makes a replica a server of its own, which it stays. */
  async promote(): Promise<void> {
    this.#leader = undefined;
    await this.call("REPLICAOF", "NO", "ONE");
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) {
      this.resume();
      await stop(this.#child);
    }
    this.#child = undefined;
    if (this.options.dir === undefined) await rm(this.dir, { recursive: true, force: true });
  }

  async #endOfLog(): Promise<string> {
    const log = await readFile(join(this.dir, "redis.log"), "utf8").catch((failure: Error) => failure.message);
    return log.slice(-endOfLogLength);
  }

  async #forget(): Promise<void> {
    for (const name of await readdir(this.dir)) await rm(join(this.dir, name), { recursive: true });
  }

  async #run(): Promise<void> {
    const program = findRedis();
    if (program === undefined) throw new Error("there is no Redis; install it: apt-get install redis-server");
    const child = spawn(program, this.#flags(), { cwd: this.dir, stdio: "ignore", detached: true });
    adopt(child);
    this.#child = child;
    const ended = once(child, "exit").then(([code, signal]) => {
      throw new Error(`redis-server ended with ${code ?? signal} before it answered; its log is in ${this.dir}/redis.log`);
    });
    ended.catch(() => {});
    await Promise.race([this.#untilReady(), ended]);
  }

  #flags(): string[] {
    const { appendFsync, password, cluster = false, tls, more = [] } = this.options;
    const settings = tls === undefined ? [["port", `${this.port}`] as const] : tlsSettings(tls, this.port);
    const flags = settings.flatMap(([name, value]) => [`--${name}`, value]);
    flags.push("--bind", host, "--dir", this.dir, "--logfile", "redis.log", "--save", "");
    flags.push("--repl-diskless-sync-delay", "0");
    if (appendFsync !== undefined) flags.push("--appendonly", "yes", "--appendfsync", appendFsync);
    if (password !== undefined) flags.push("--requirepass", password, "--masterauth", password);
    if (this.#leader !== undefined) flags.push("--replicaof", `${this.#leader.host} ${this.#leader.port}`);
    if (cluster) {
      flags.push("--cluster-enabled", "yes", "--cluster-port", `${this.busPort}`);
      flags.push("--cluster-node-timeout", `${nodeTimeoutMs}`);
    }
    return [...flags, ...more];
  }

  async #untilReady(): Promise<void> {
    for (const until = performance.now() + startMs; performance.now() < until; await sleep(10)) {
      const answer = await this.call("PING").catch((failure: Error) => failure.message);
      if (answer === "PONG") return;
    }
    throw new Error(`redis-server does not answer on port ${this.port}`);
  }
}

/** How a process has ended, or undefined if it runs or never did. */
function endingOf(child: ChildProcess | undefined): string | number | undefined {
  return child?.exitCode ?? child?.signalCode ?? undefined;
}
