// A real Redis for tests. Where there is none, these tests are skipped and standard error says so; in CI that is a failure.
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import { startRedisCluster } from "../../scripts/support/redis/cluster.js";
import { findRedis } from "../../scripts/support/redis/program.js";
import { RedisSentinel, type SentinelOptions } from "../../scripts/support/redis/sentinel.js";
import { type RedisOptions, RedisServer } from "../../scripts/support/redis/server.js";

export type { RedisSentinel } from "../../scripts/support/redis/sentinel.js";
export type { RedisOptions, RedisServer } from "../../scripts/support/redis/server.js";

const missing = findRedis() === undefined;
if (missing) {
  const problem = "there is no redis-server: the tests that need it are skipped (apt-get install redis-server)";
  if (process.env.CI === "true") throw new Error(problem);
  console.error(problem);
}

/** `describe` for tests that need Redis. */
export const describeWithRedis: (name: string, tests: () => void) => void = describe.skipIf(missing);

/** Starts a Redis for one test, inside of it; it is gone when the test is over. */
export async function startTestRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

/** Starts a Sentinel for one test, inside of it; it is gone when the test is over. */
export async function startTestSentinel(options: SentinelOptions): Promise<RedisSentinel> {
  const sentinel = await RedisSentinel.start(options);
  onTestFinished(() => sentinel.stop());
  return sentinel;
}

/** A Redis that all tests of a `describe` (or file) share. What is returned gives it once the tests run. */
export function sharedRedis(options: RedisOptions = {}): () => RedisServer {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await RedisServer.start(options);
  });
  afterAll(async () => {
    await server?.stop();
  });
  return () => started(server);
}

/** A Redis Cluster that all tests of a `describe` (or file) share. */
export function sharedRedisCluster(size = 3): () => readonly RedisServer[] {
  let servers: readonly RedisServer[] | undefined;
  beforeAll(async () => {
    servers = await startRedisCluster(size);
  });
  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop()));
  });
  return () => started(servers);
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("Redis runs only while the tests do");
  return thing;
}
