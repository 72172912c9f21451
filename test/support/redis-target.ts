import type { RedisTarget } from "../../src/server/config/redis-target.js";

interface Place {
  readonly host: string;
  readonly port: number;
}

const common = { database: 0, username: "", password: "", sentinelPassword: "", tls: undefined };

/** How a server finds one Redis. */
export function singleRedis({ host, port }: Place): RedisTarget {
  return { ...common, address: { kind: "single", host, port } };
}

/** How a server finds a Redis behind Sentinels. */
export function sentinelRedis(sentinels: readonly Place[], name: string): RedisTarget {
  return { ...common, address: { kind: "sentinel", sentinels: sentinels.map(({ host, port }) => ({ host, port })), name } };
}

/** How a server finds a Redis Cluster. */
export function redisCluster(nodes: readonly Place[]): RedisTarget {
  return { ...common, address: { kind: "cluster", nodes: nodes.map(({ host, port }) => ({ host, port })) } };
}
