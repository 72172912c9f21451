// Redis and Sentinels over TLS and with passwords: real ones, which take nobody who does not show a certificate.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { startRedisCluster } from "../../scripts/support/redis/cluster.js";
import { createClient } from "../../src/client/index.js";
import { type Flags, type LoadedConfig, loadConfig, type RedisTarget } from "../../src/server/config.js";
import { inspectRedis } from "../../src/server/engine/redis/survey/inspect.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { describeWithRedis, startTestRedis, startTestSentinel } from "../support/redis.js";
import { startTestServer, type TestServer } from "../support/test-server.js";
import { tlsFile } from "../support/tls-files.js";

vi.setConfig({ testTimeout: 60_000 });

const tls = { authority: tlsFile("authority.pem"), certificate: tlsFile("server.pem"), key: tlsFile("server.key") };
const trusted = { redisCaFile: tls.authority };
const shown = { ...trusted, redisCertFile: tlsFile("client.pem"), redisKeyFile: tlsFile("client.key") };
const sentinelPassword = "open-sesame";

function load(redis: string, flags: Flags, env: Record<string, string> = {}): LoadedConfig {
  const readFile = (path: string) => readFileSync(path, "utf8");
  return loadConfig({ flags: { engine: "redis", redis, ...flags }, env, readFile });
}

/** What a server takes from these flags. */
function targetOf(redis: string, flags: Flags = {}, env: Record<string, string> = {}): RedisTarget {
  const loaded = load(redis, flags, env);
  if (!loaded.ok || loaded.config.redis === undefined) throw new Error(JSON.stringify(loaded));
  return loaded.config.redis;
}

async function login({ server, address }: TestServer, userId: string) {
  const token = await server.issueToken({ userId });
  const client = createClient({ address, appId: server.appId, userId, token });
  onTestFinished(() => client.close());
  await client.login();
  return client;
}

/** Two nodes hear each other and share a channel: every kind of connection to Redis carries something. */
async function expectToServe(redis: RedisTarget): Promise<void> {
  const shared = { engine: "redis" as const, redis, redisPrefix: `${randomUUID()}:` };
  const [alice, bob] = [await login(await startTestServer(shared), "alice"), await login(await startTestServer(shared), "bob")];
  const heard: unknown[] = [];
  bob.on("peerMessage", ({ payload }) => heard.push(payload.text));
  bob.channel("lobby").on("message", ({ payload }) => heard.push(payload.text));
  await bob.channel("lobby").join();
  await alice.channel("lobby").join();

  await alice.sendToPeer("bob", "to you");
  await alice.channel("lobby").send("to all");

  await vi.waitFor(() => expect(heard).toEqual(["to you", "to all"]), { timeout: 20_000 });
}

/** Why a Redis cannot be used; empty if it can. */
async function faultsOf(target: RedisTarget): Promise<readonly string[]> {
  const places = await inspectRedis(target, { prefix: "aldis:", profile: "fast" }, systemRuntime);
  return places.flatMap(({ findings }) => findings.filter(({ state }) => state === "failed").map(({ found }) => found));
}

describeWithRedis("Redis over TLS", () => {
  it("serves several nodes", async () => {
    const redis = await startTestRedis({ tls, password: "secret" });

    await expectToServe(targetOf(redis.url, shown));
  });

  it("serves nobody who shows no certificate, trusts another authority, or speaks no TLS", async () => {
    const { url } = await startTestRedis({ tls });

    expect(await faultsOf(targetOf(url, trusted))).toEqual([expect.stringMatching(/^TLS with it fails|ends the connection/)]);
    const stranger = { ...shown, redisCaFile: tlsFile("stranger.pem") };
    expect(await faultsOf(targetOf(url, stranger))).toEqual([expect.stringMatching(/^TLS with it fails/)]);
    expect(await faultsOf(targetOf(url.replace("rediss:", "redis:")))).toEqual([expect.stringMatching(/ends the connection/)]);
  });

  it("is reached with the certificates that a server has read last, as soon as a connection is made", async () => {
    const redis = await startTestRedis({ tls });
    const dir = await mkdtemp(join(tmpdir(), "aldis-redis-tls-"));
    onTestFinished(() => rm(dir, { recursive: true }));
    const flags = { ...shown, redisCaFile: join(dir, "authority.pem") };
    const trust = (authority: string) => copyFile(tlsFile(authority), flags.redisCaFile);
    await trust("authority.pem");
    const config = { engine: "redis" as const, redis: targetOf(redis.url, flags), redisPrefix: `${randomUUID()}:` };
    const { server } = await startTestServer(config, { loadConfig: () => load(redis.url, flags) });
    const readiness = async () => (await fetch(`http://${server.addresses.http}/readyz`)).status;

    await trust("stranger.pem");
    server.reload();
    const ready = await readiness();
    for (const type of ["normal", "pubsub"]) await redis.call("CLIENT", "KILL", "TYPE", type);
    await vi.waitFor(async () => expect(await readiness()).toBe(503), { timeout: 20_000 });
    await trust("authority.pem");
    server.reload();

    expect(ready).toBe(200);
    await vi.waitFor(async () => expect(await readiness()).toBe(200), { timeout: 20_000 });
  });

  it("serves nodes as a cluster", async () => {
    const servers = await startRedisCluster(3, tls);
    for (const server of servers) onTestFinished(() => server.stop());

    await expectToServe(targetOf(`rediss-cluster://${servers.map(({ address }) => address).join(",")}`, shown));
  });
});

describeWithRedis("Sentinels over TLS", () => {
  it("find a Redis over TLS for whoever knows their password", async () => {
    const primary = await startTestRedis({ tls });
    const { address } = await startTestSentinel({ name: "main", primary, tls, password: sentinelPassword });
    const url = `rediss-sentinel://${address}/main`;

    await expectToServe(targetOf(url, shown, { ALDIS_REDIS_SENTINEL_PASSWORD: sentinelPassword }));
    expect(await faultsOf(targetOf(url, shown))).toEqual([expect.stringMatching(/^the Sentinels want a password/)]);
    const wrong = targetOf(url, shown, { ALDIS_REDIS_SENTINEL_PASSWORD: "wrong" });
    expect(await faultsOf(wrong)).toEqual([expect.stringMatching(/^the Sentinels refuse the password/)]);
    await expect(startTestServer({ engine: "redis", redis: wrong })).rejects.toThrow(/--redis-sentinel-password-file/);
  });

  it("are not asked in the clear by whoever wants TLS, and neither is what they name", async () => {
    const primary = await startTestRedis();
    const sentinel = await startTestSentinel({ name: "main", primary });

    expect(await faultsOf(targetOf(`redis-sentinel://${sentinel.address}/main`))).toEqual([]);
    const faults = await faultsOf(targetOf(`rediss-sentinel://${sentinel.address}/main`, shown));
    expect(faults).toHaveLength(1);
  });
});
