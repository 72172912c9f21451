import { onTestFinished } from "vitest";
import { Connection } from "../../src/server/engine/redis/connection.js";
import { Runner } from "../../src/server/engine/redis/runner.js";
import { randomId, systemRuntime } from "../../src/server/runtime.js";
import type { RedisServer } from "./redis.js";
import { redisCluster, singleRedis } from "./redis-target.js";

/**
 * A runner for the present test, with a connection and a prefix of its own, on the time that `now` gives (by default Redis's).
 * Several servers are those of a cluster.
 */
export async function openRunner(servers: RedisServer | readonly RedisServer[], now?: () => number): Promise<Runner> {
  const nodes = [servers].flat().map(({ host, port }) => ({ host, port }));
  const [first] = nodes;
  if (first === undefined) throw new Error("There is no server.");
  const target = Array.isArray(servers) ? redisCluster(nodes) : singleRedis(first);
  const connection = await Connection.open(target, systemRuntime, { onConnection: () => {} });
  onTestFinished(() => connection.close());
  return new Runner({ connection, runtime: systemRuntime, prefix: `${randomId(systemRuntime, 48)}:`, now });
}
