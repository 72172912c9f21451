import { randomId, systemRuntime } from "../../src/server/runtime.js";
import { startNode, version } from "./aldis.js";
import { installedVersion } from "./installed-server.js";
import { startRedis } from "./redis.js";
import type { RunningServer, StartOptions, System } from "./system.js";

/** Several nodes on one Redis, and that Redis. */
export interface ClusterSystem extends System {
  readonly nodes: number;
  /** The Redis of the cluster that was started last. */
  readonly redis: RunningServer | undefined;
}

/** Aldis in so many processes on one Redis, which appends to a file and syncs it every second. */
export function aldisCluster(nodes: number): ClusterSystem {
  let redis: RunningServer | undefined;
  return {
    name: `aldis-${nodes}`,
    about: `Aldis on Redis, ${nodes} nodes`,
    wire: "aldis",
    nodes,
    get redis() {
      return redis;
    },
    version: () => (installedVersion("redis-server", "--version") === undefined ? undefined : version()),
    async start(options) {
      redis = await startRedis("yes");
      return startNodes(nodes, redis, options);
    },
  };
}

const { version: versionOnRedis, start } = aldisCluster(1);

/** One node on Redis, whose own CPU is not in the figures. */
export const aldisOnRedis: System = {
  name: "aldis-redis",
  about: "one node on Redis, as several of them would be; the CPU is without that of Redis",
  wire: "aldis",
  version: versionOnRedis,
  start,
};

async function startNodes(count: number, redis: RunningServer, options: StartOptions): Promise<RunningServer> {
  const secret = randomId(systemRuntime, 256);
  const { address, port } = redis.address;
  const settings = ["--engine", "redis", "--redis", `redis://${address}:${port}`];
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(secret, settings, options)));
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error("a cluster has at least one node");
  return {
    ...first,
    others,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await redis.stop();
    },
  };
}
