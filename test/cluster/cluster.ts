import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../scripts/support/free-port.js";
import { RedisServer } from "../../scripts/support/redis/server.js";
import type { ServerProcess } from "../../scripts/support/server-process.js";
import { startServerProcess } from "../support/server-process.js";
import { TcpProxy } from "../support/tcp-proxy.js";

/** How long a node holds its lease, in milliseconds: short, so that nodes fall within a round. */
export const leaseMs = 3000;

/** So much of a log is told when a node does not start. */
const logLines = 10;

/** Silence is found out sooner than by default too. */
const limits = {
  ...{ presenceGraceMs: leaseMs, heartbeatIntervalMs: 500, unreachableAfterMs: 2000, silenceTimeoutMs: 5000 },
  ...{ drainMs: 1000, receiptTimeoutMs: 4000 },
};

/** One node: its process, which may be gone, and its own way to Redis. */
export class ClusterNode {
  private process: ServerProcess | undefined;

  private constructor(
    readonly name: string,
    /** The way to Redis, which can be cut. */
    readonly proxy: TcpProxy,
    private readonly ports: { readonly grpc: number; readonly http: number },
    private readonly dir: string,
  ) {}

  static async start(name: string, redis: RedisServer, dir: string): Promise<ClusterNode> {
    const proxy = await TcpProxy.start(redis);
    const node = new ClusterNode(name, proxy, { grpc: await freePort(), http: await freePort() }, dir);
    await node.start();
    return node;
  }

  /** Where clients reach it, also while it does not run. */
  get address(): string {
    return `127.0.0.1:${this.ports.grpc}`;
  }

  async start(): Promise<void> {
    const logFile = join(this.dir, `${this.name}.log`);
    const log = await open(logFile, "a");
    const places = ["--grpc-port", `${this.ports.grpc}`, "--http-port", `${this.ports.http}`];
    const engine = ["--engine", "redis", "--redis", `redis://127.0.0.1:${this.proxy.port}`, "--node-id", this.name];
    const flags = [...places, ...engine, "--data-dir", join(this.dir, this.name)];
    try {
      this.process = await startServerProcess({ flags, limits, log: log.fd });
    } catch (cause) {
      const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
      throw new Error(`${this.name} did not start; its log ends with\n${lines.slice(-logLines).join("\n")}`, { cause });
    } finally {
      await log.close();
    }
  }

  /** Whether it says that it can take clients. False if it says nothing. */
  async isReady(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.ports.http}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    );
    return answer?.status === 200;
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  async terminate(): Promise<void> {
    await this.process?.terminate();
  }

  pause(): void {
    this.process?.pause();
  }

  resume(): void {
    this.process?.resume();
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.proxy.stop();
  }
}

/** Some real nodes on one real Redis. */
export class Cluster {
  private constructor(
    private present: RedisServer,
    readonly nodes: readonly ClusterNode[],
  ) {}

  /** Logs of the nodes are in `dir`. */
  static async start(size: number, dir: string): Promise<Cluster> {
    const redis = await RedisServer.start({ appendFsync: "always" });
    const names = Array.from({ length: size }, (_, index) => `node${index + 1}`);
    return new Cluster(redis, await Promise.all(names.map((name) => ClusterNode.start(name, redis, dir))));
  }

  /** The Redis that the nodes are on. */
  get redis(): RedisServer {
    return this.present;
  }

  /** The addresses of all nodes, beginning with one of them. */
  addresses(first: number): readonly string[] {
    const addresses = this.nodes.map(({ address }) => address);
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }

  /** Starts a Redis that follows the present one, and waits until it has all of it. */
  async startReplica(): Promise<RedisServer> {
    const replica = await RedisServer.start({ appendFsync: "always", replicaOf: this.present });
    for (const until = performance.now() + 20_000; performance.now() < until; ) {
      if (`${await replica.call("INFO", "replication")}`.includes("master_link_status:up")) return replica;
    }
    throw new Error("the replica does not follow");
  }

  /** Puts a replica in the place of the present Redis, which is gone for good. */
  async failOver(replica: RedisServer): Promise<void> {
    await this.present.kill();
    await replica.promote();
    for (const { proxy } of this.nodes) proxy.pointTo(replica);
    await this.present.stop();
    this.present = replica;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.present.stop();
  }
}
