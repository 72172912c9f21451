import { setTimeout as sleep } from "node:timers/promises";
import { RedisServer } from "./server.js";
import type { RedisTlsFiles } from "./tls.js";

const slots = 16_384;
const formMs = 30_000;

/** A Redis Cluster of a few nodes without replicas, over which the slots are spread evenly. */
export async function startRedisCluster(size: number, tls?: RedisTlsFiles): Promise<readonly RedisServer[]> {
  const servers: RedisServer[] = [];
  try {
    for (let index = 0; index < size; index += 1) servers.push(await RedisServer.start({ cluster: true, tls }));
    for (const [index, server] of servers.entries()) {
      const [first, behind] = [index, index + 1].map((share) => Math.floor((share * slots) / size)) as [number, number];
      // Of its own, so that the nodes need not settle who is first while slots move.
      await server.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
      await server.call("CLUSTER", "ADDSLOTSRANGE", first, behind - 1);
      const [head] = servers;
      if (head && head !== server) await head.call("CLUSTER", "MEET", server.host, server.port, server.busPort);
    }
    await untilFormed(servers);
    return servers;
  } catch (failure) {
    await Promise.all(servers.map((server) => server.stop()));
    throw failure;
  }
}

async function untilFormed(servers: readonly RedisServer[]): Promise<void> {
  for (const until = performance.now() + formMs; performance.now() < until; await sleep(50)) {
    const infos = await Promise.all(servers.map((server) => server.call("CLUSTER", "INFO")));
    const formed = (info: unknown) =>
      `${info}`.includes("cluster_state:ok") && `${info}`.includes(`cluster_known_nodes:${servers.length}`);
    if (infos.every(formed)) return;
  }
  throw new Error("the nodes of the Redis Cluster do not find each other");
}
