import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { parseRedisUrl } from "../../src/server/config/redis-target.js";
import { createServer } from "../../src/server/index.js";
import { describeWithRedis, sharedRedis, sharedRedisCluster, startTestRedis } from "../support/redis.js";
import { TestWorld } from "../unit/cli/test-world.js";

/** What the doctor says of Redis with these flags, without what is well. */
async function examine(redis: string, ...flags: readonly string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-doctor-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const world = new TestWorld(dataDir);
  const ports = ["--grpc-port", "0", "--http-port", "0"];
  await world.run("doctor", "--json", ...ports, "--engine", "redis", "--redis", redis, ...flags);
  const { checks } = JSON.parse(world.output.text) as { checks: { check: string; state: string; found: string }[] };
  return checks.filter(({ check }) => check === "redis");
}

const problemsIn = (checks: readonly { state: string; found: string }[]) =>
  checks.filter(({ state }) => state === "failed").map(({ found }) => found);

describeWithRedis("aldis doctor, before a Redis", () => {
  const redis = sharedRedis({ appendFsync: "always", password: "secret" });

  it("finds one that is well", async () => {
    const checks = await examine(redis().url);
    expect(problemsIn(checks)).toEqual([]);
    expect(checks[0]).toMatchObject({
      state: "ok",
      found: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+: (Redis|Valkey) /),
    });
  });

  it("tells that a profile that waits for a replica needs one", async () => {
    expect(problemsIn(await examine(redis().url, "--redis-profile", "durable"))[0]).toMatch(/no replica follows it/);
  });

  it("keeps a server from starting on what it must not use", async () => {
    const config = { engine: "redis" as const, redisPrefix: "foreign:", redis: parseRedisUrl(`${redis().url}/2`) };
    const client = redis().connect();
    await client.select(2);
    await client.set("foreign:counter", "1");
    client.disconnect();
    await expect(createServer({ config })).rejects.toThrow(/cannot be used\.\n.*another application has keys/);
    const server = await createServer({ config: { ...config, redisPrefix: "own:" } });
    await server.close();
  });

  it("tells of a wrong password, and of none", async () => {
    const { address } = redis();
    expect(problemsIn(await examine(`redis://:wrong@${address}`))[0]).toMatch(/refuses the password/);
    expect(problemsIn(await examine(`redis://${address}`))[0]).toMatch(/wants a password/);
  });

  it("tells of a database that does not exist", async () => {
    expect(problemsIn(await examine(`${redis().url}/99`))[0]).toMatch(/no such database/);
  });

  it("tells of a single Redis that is given as a cluster", async () => {
    const url = redis().url.replace("redis:", "redis-cluster:");
    expect(problemsIn(await examine(url))).toEqual([
      expect.stringMatching(/is a single Redis, and no node of a Redis Cluster$/),
    ]);
  });

  it("tells of another application's keys, in that database only", async () => {
    const client = redis().connect();
    await client.select(1);
    await client.set("other:counter", "1");
    client.disconnect();
    expect(problemsIn(await examine(`${redis().url}/1`, "--redis-prefix", "other:"))[0]).toMatch(/another application/);
    expect(problemsIn(await examine(`${redis().url}/1`))).toEqual([]);
    expect(problemsIn(await examine(redis().url, "--redis-prefix", "other:"))).toEqual([]);
  });

  it("tells when nobody answers", async () => {
    const gone = await startTestRedis();
    await gone.stop();
    expect(problemsIn(await examine(gone.url))[0]).toMatch(/nothing listens there/);
    expect(problemsIn(await examine(`redis-sentinel://${gone.address}/main`))[0]).toMatch(/no Sentinel answers/);
    const silent = await startTestRedis();
    silent.pause();
    expect(problemsIn(await examine(silent.url))[0]).toMatch(/does not answer in time|ends the connection/);
  });
});

describeWithRedis("aldis doctor, before a Redis Cluster", () => {
  const cluster = sharedRedisCluster();

  it("looks at each node that is named", async () => {
    const addresses = cluster().map(({ address }) => address);
    const checks = await examine(`redis-cluster://${addresses.join(",")}`);
    expect(problemsIn(checks)).toEqual([]);
    expect(addresses.every((address) => checks.some(({ found }) => found.startsWith(`${address}: `)))).toBe(true);
  });

  it("tells if a node is given as a single Redis", async () => {
    expect(problemsIn(await examine(cluster()[0]?.url ?? ""))).toEqual([
      expect.stringMatching(/is a node of a Redis Cluster$/),
    ]);
  });
});
