import { readdir } from "node:fs/promises";
import { expect, it, vi } from "vitest";
import { describeWithRedis, sharedRedisCluster, startTestRedis } from "../../support/redis.js";

describeWithRedis("a Redis for tests", () => {
  it("answers on a free port, and ends at the end of the test", async () => {
    const redis = await startTestRedis();
    expect(redis.port).not.toBe(6379);
    expect(await redis.call("SET", "key", "value")).toBe("OK");
    await redis.stop();
    await expect(redis.call("PING")).rejects.toThrow();
    await expect(readdir(redis.dir)).rejects.toThrow("ENOENT");
  });

  it("comes back with what is in its append-only file, or with nothing", async () => {
    const redis = await startTestRedis({ appendFsync: "always" });
    const { port } = redis;
    await redis.call("SET", "key", "value");
    await redis.kill();
    await expect(redis.call("PING")).rejects.toThrow();
    await redis.restart({ keepData: true });
    expect(await redis.call("GET", "key")).toBe("value");
    await redis.restart({ keepData: false });
    expect(await redis.call("GET", "key")).toBeNull();
    expect(redis.port).toBe(port);
  });

  it("answers nothing while it is paused", async () => {
    const redis = await startTestRedis();
    const client = redis.connect();
    await client.ping();
    redis.pause();
    let answered = false;
    const answer = client.ping().then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answered).toBe(false);
    redis.resume();
    await answer;
    client.disconnect();
  });

  it("may want a password, which its address has", async () => {
    const redis = await startTestRedis({ password: "p:ss/w@rd" });
    expect(redis.url).toContain("p%3Ass%2Fw%40rd");
    expect(await redis.call("PING")).toBe("PONG");
  });

  it("may follow another one", async () => {
    const redis = await startTestRedis();
    const replica = await startTestRedis({ replicaOf: redis, appendFsync: "always" });
    await redis.call("SET", "key", "value");
    await vi.waitFor(async () => expect(await replica.call("GET", "key")).toBe("value"), { timeout: 30_000 });
    await replica.promote();
    expect(await replica.call("SET", "key", "other")).toBe("OK");
    await replica.restart({ keepData: true });
    expect(await replica.call("SET", "key", "another")).toBe("OK");
  });
});

describeWithRedis("a Redis Cluster for tests", () => {
  const cluster = sharedRedisCluster();

  it("has all slots, each on one of its nodes", async () => {
    const answers = await Promise.all(
      cluster().map((server) => server.call("SET", "key", "value").catch((failure: Error) => failure.message)),
    );
    expect(answers.filter((answer) => answer === "OK")).toHaveLength(1);
    expect(answers.filter((answer) => `${answer}`.startsWith("MOVED"))).toHaveLength(2);
  });
});
