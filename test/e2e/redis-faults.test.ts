// What goes wrong between a node and Redis: whatever it is, a change is made once, calls keep their order, and all heals by itself.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { channelTopic } from "../../src/server/engine/ports/channel-topic.js";
import { bytesTopic } from "../../src/server/engine/ports/topic.js";
import { EngineExhausted, EngineUnavailable } from "../../src/server/engine/ports/unavailable.js";
import { createRedisEngine } from "../../src/server/engine/redis/redis-engine.js";
import { createServer } from "../../src/server/index.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { failOn } from "../support/fail-on.js";
import { describeWithRedis, type RedisServer, startTestRedis } from "../support/redis.js";
import { singleRedis } from "../support/redis-target.js";
import { SwallowingProxy } from "../support/swallowing-proxy.js";

const lobby = { appId: "app", channel: "lobby" };
const bound = { timeout: 20_000, interval: 20 };

/** An engine of its own on a Redis, and what was said of its connection. */
async function openEngineAt(place: { host: string; port: number }, prefix = `${randomUUID()}:`, report = failOn) {
  const said: boolean[] = [];
  const { engine } = await createRedisEngine(
    { target: singleRedis(place), prefix, profile: "fast", runtime: systemRuntime, limits: defaultLimits, report },
    { onConnection: (isThere) => said.push(isThere) },
  );
  onTestFinished(() => engine.close());
  return { engine, said, prefix };
}

const message = (number: number) => new TextEncoder().encode(`${number}`);
const numberOf = (bytes: Uint8Array) => Number(new TextDecoder().decode(bytes));

/** Members who join one after the other, and messages to the channel and to a node, without waiting, while something goes wrong. */
async function underLoad({ engine }: { engine: Engine }, count: number, trouble: (made: () => number) => Promise<void>) {
  const heard: number[] = [];
  let made = 0;
  await engine.nodes.enter("node", (bytes) => heard.push(numberOf(bytes)));
  const calls: Promise<unknown>[] = [];
  const load = async () => {
    for (let number = 1; number <= count; number += 1) {
      const userId = `user${number}`;
      calls.push(engine.channels.join(lobby, { userId, nodeId: "node", epoch: 1 }).then(({ joined }) => joined));
      calls.push(
        engine.log.append(lobby, { sender: userId, message: message(number) }).then(({ offset }) => offset === number),
      );
      calls.push(engine.nodes.send("node", message(number)));
      made = number;
      if (number % 10 === 0) await sleep(2);
    }
  };
  await Promise.all([load(), trouble(() => made)]);
  const outcomes = await Promise.all(calls);
  return { outcomes, heard };
}

async function expectAllOnce(engine: Engine, count: number, { outcomes, heard }: Awaited<ReturnType<typeof underLoad>>) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  expect(outcomes.every((outcome) => outcome === true)).toBe(true);
  expect((await engine.channels.counts([lobby]))[0]).toBe(count);
  const { records } = await engine.log.read(lobby, undefined, { limit: count, backward: true });
  expect(records.map((record) => numberOf(record.message)).reverse()).toEqual(numbers.slice(-records.length));
  await vi.waitFor(async () => {
    await engine.nodes.renew("node");
    expect(heard).toEqual(numbers);
  }, bound);
}

async function killClients(server: RedisServer, type: "normal" | "pubsub"): Promise<void> {
  await server.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
}

describeWithRedis("Redis under faults", () => {
  it("makes each change once, in order, while Redis is killed and comes back with its data", { timeout: 60_000 }, async () => {
    const server = await startTestRedis({ appendFsync: "always" });
    const opened = await openEngineAt(server);
    const heard: number[] = [];
    await opened.engine.nodes.enter("node", (bytes) => heard.push(numberOf(bytes)));
    const joins: Promise<{ joined: boolean }>[] = [];
    const mails: Promise<boolean>[] = [];
    let back: Promise<unknown> = Promise.resolve();
    for (let number = 1; number <= 600; number += 1) {
      joins.push(opened.engine.channels.join(lobby, { userId: `user${number}`, nodeId: "node", epoch: 1 }));
      mails.push(opened.engine.nodes.send("node", message(number)));
      if (number % 10 === 0) await sleep(2);
      if (number % 200 !== 100) continue;
      // The next restart waits until what was lost with the last one has been made, as long as a slow machine needs.
      await back;
      back = Promise.all([server.restart({ keepData: true }), joins.at(-1)]);
    }
    await back;

    expect((await Promise.all(joins)).every(({ joined }) => joined)).toBe(true);
    expect((await Promise.all(mails)).every(Boolean)).toBe(true);
    expect(await opened.engine.channels.counts([lobby])).toEqual([600]);
    await vi.waitFor(async () => {
      await opened.engine.nodes.renew("node");
      expect(heard).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
    }, bound);
    expect(opened.said.at(-1)).toBe(true);
  });

  it("makes each change once, in order, while connections are killed and scripts are forgotten", {
    timeout: 60_000,
  }, async () => {
    const server = await startTestRedis();
    const opened = await openEngineAt(server);

    const outcome = await underLoad(opened, 1500, async (made) => {
      for (let round = 0; made() < 1500; round += 1) {
        await server.call("SCRIPT", "FLUSH");
        await killClients(server, round % 2 === 0 ? "pubsub" : "normal");
        await sleep(60);
      }
    });

    await expectAllOnce(opened.engine, 1500, outcome);
    expect(opened.said.filter((isThere) => !isThere).length).toBeGreaterThan(0);
  });

  it("makes each change once when its answer is lost", { timeout: 60_000 }, async () => {
    const server = await startTestRedis();
    const proxy = await SwallowingProxy.start(server);
    onTestFinished(() => proxy.stop());
    const opened = await openEngineAt(proxy);

    const outcome = await underLoad(opened, 1500, async (made) => {
      while (made() < 1500) {
        // At the end of the load there may be no answer to lose any more.
        await Promise.race([proxy.swallow(), sleep(500)]);
        proxy.restore();
        await sleep(150);
      }
    });

    await expectAllOnce(opened.engine, 1500, outcome);
    expect(opened.said.filter((isThere) => !isThere).length).toBeGreaterThan(0);
  });

  it("waits for a Redis that stands still for two seconds", { timeout: 60_000 }, async () => {
    const server = await startTestRedis();
    const opened = await openEngineAt(server);

    const outcome = await underLoad(opened, 300, async () => {
      server.pause();
      await sleep(2000);
      server.resume();
    });

    await expectAllOnce(opened.engine, 300, outcome);
  });

  it("refuses what it has no room for, says so, and goes on when there is room", { timeout: 30_000 }, async () => {
    const server = await startTestRedis();
    const { engine } = await openEngineAt(server);
    await engine.channels.join(lobby, { userId: "ada", nodeId: "node", epoch: 1 });

    await server.call("CONFIG", "SET", "maxmemory", "1");
    const refused = engine.channels.join(lobby, { userId: "bob", nodeId: "node", epoch: 1 });

    await expect(refused).rejects.toThrow(EngineExhausted);
    expect(engine.health()).toBe("full");
    expect(await engine.channels.counts([lobby])).toEqual([1]);
    await server.call("CONFIG", "SET", "maxmemory", "0");
    expect(await engine.channels.join(lobby, { userId: "bob", nodeId: "node", epoch: 1 })).toEqual({ joined: true, count: 2 });
  });

  it("reports what a node has published and nobody can read, and brings what comes behind it", async () => {
    const server = await startTestRedis();
    const reports: unknown[] = [];
    const { engine } = await openEngineAt(server, "reports:", (failure) => reports.push(failure));
    const heard: string[] = [];
    const topic = channelTopic(lobby);
    await engine.bus.subscribe(topic, ({ $case }) => heard.push($case));

    await engine.bus.publish(bytesTopic(topic.name), Uint8Array.of(0x0a, 0x05, 0x01));
    await engine.bus.publish(bytesTopic(topic.name), Uint8Array.of(0x7a, 0x00));
    await engine.bus.publish(topic, { $case: "membersChanged", value: { missed: false } });
    await vi.waitFor(() => expect(heard).toEqual(["membersChanged"]), bound);

    const sentence = "what a node has published cannot be read: the message ends inside a field";
    expect(reports).toEqual([new Error(sentence)]);
  });

  it("tells listeners of an interruption when all later messages are heard again", { timeout: 30_000 }, async () => {
    const server = await startTestRedis();
    const { engine } = await openEngineAt(server);
    const heard: string[] = [];
    let published = 0;
    const publish = () => engine.bus.publish(bytesTopic("topic"), message(published++));
    await engine.bus.subscribe(
      bytesTopic("topic"),
      (bytes) => heard.push(`${numberOf(bytes)}`),
      () => {
        heard.push("interrupted");
        void publish();
      },
    );
    await publish();

    await killClients(server, "pubsub");
    await vi.waitFor(() => expect(heard).toContain("interrupted"), bound);

    await vi.waitFor(() => expect(heard).toEqual(["0", "interrupted", "1"]), bound);
  });

  it("says once that Redis is away and once that it is back, and refuses within its patience", {
    timeout: 30_000,
  }, async () => {
    const server = await startTestRedis();
    const { engine, said } = await openEngineAt(server);

    await server.kill();
    await vi.waitFor(() => expect(engine.health()).toBe("unreachable"), bound);
    await expect(engine.channels.count()).rejects.toThrow("Redis cannot be reached");
    await expect(engine.bus.subscribe(bytesTopic("topic"), () => {})).rejects.toThrow("Redis cannot be listened to");
    await server.restart({ keepData: false });
    await vi.waitFor(() => expect(engine.health()).toBe("ok"), bound);

    expect(said).toEqual([true, false, true]);
    expect(await engine.channels.count()).toBe(0);
    expect(await engine.nodes.renew("node")).toEqual({ kind: "lost", fallen: [] });
  });

  it("is not ready while it does not hear, though calls work", { timeout: 30_000 }, async () => {
    const redis = await startTestRedis();
    const config = { engine: "redis", store: "memory", redis: singleRedis(redis), httpPort: 0, logLevel: "silent" } as const;
    const server = await createServer({ config });
    onTestFinished(() => server.close());
    const readiness = async () => {
      const answer = await fetch(`http://${server.addresses.http}/readyz`);
      return [answer.status, await answer.text()];
    };
    expect(await readiness()).toEqual([200, "ok\n"]);

    await redis.call("ACL", "SETUSER", "default", "resetchannels");
    await vi.waitFor(async () => expect(await readiness()).toEqual([503, "other nodes cannot be heard\n"]), bound);
    await redis.call("ACL", "SETUSER", "default", "allchannels");

    await vi.waitFor(async () => expect(await readiness()).toEqual([200, "ok\n"]), bound);
  });

  it("counts as deaf when a first subscription is refused for longer than its patience", { timeout: 30_000 }, async () => {
    const server = await startTestRedis();
    const { engine } = await openEngineAt(server);
    await server.call("ACL", "SETUSER", "default", "resetchannels");

    const subscribed = engine.bus.subscribe(bytesTopic("topic"), () => {});
    expect(engine.health()).toBe("ok");
    await expect(subscribed).rejects.toThrow("Redis cannot be listened to");
    expect(engine.health()).toBe("deaf");
    expect(await engine.channels.count()).toBe(0);
    await server.call("ACL", "SETUSER", "default", "allchannels");

    await vi.waitFor(() => expect(engine.health()).toBe("ok"), bound);
  });

  it("ends a claim of which nobody knew whether it was made", { timeout: 30_000 }, async () => {
    const server = await startTestRedis();
    const proxy = await SwallowingProxy.start(server);
    onTestFinished(() => proxy.stop());
    const { engine, prefix } = await openEngineAt(proxy);
    const direct = (await openEngineAt(server, prefix)).engine;
    const ada = { appId: "app", userId: "ada" };
    await engine.sessions.claim(ada, { sessionId: "first", nodeId: "node" });

    void proxy.swallow();
    await expect(engine.sessions.claim(ada, { sessionId: "second", nodeId: "node" })).rejects.toThrow(
      "Redis cannot be reached",
    );
    proxy.restore();

    await vi.waitFor(async () => expect((await direct.sessions.find(ada))?.sessionId).not.toBe("second"), bound);
  });

  it.each([
    ["no mailbox", false],
    ["another mailbox", true],
  ])(
    "does not say whether a node heard mail whose answer was lost, if the node has %s since Redis lost its data",
    {
      timeout: 30_000,
    },
    async (_, entersAnew) => {
      const server = await startTestRedis();
      const proxy = await SwallowingProxy.start(server);
      onTestFinished(() => proxy.stop());
      const { engine, prefix } = await openEngineAt(proxy);
      const receiver = (await openEngineAt(server, prefix)).engine;
      const heard: number[] = [];
      const enter = () => receiver.nodes.enter("node", (bytes) => heard.push(numberOf(bytes)));
      await enter();
      expect(await engine.nodes.send("node", message(1))).toBe(true);

      void proxy.swallow();
      const sent = engine.nodes.send("node", message(2));
      const outcome = expect(sent).rejects.toThrow(EngineUnavailable);
      await vi.waitFor(() => expect(heard).toEqual([1, 2]), bound);
      await server.call("FLUSHALL");
      // The node cannot tell times of Redis that are nearer to each other.
      await sleep(20);
      if (entersAnew) await enter();
      proxy.restore();

      await outcome;
      expect(await engine.nodes.send("node", message(3))).toBe(entersAnew);
    },
  );
});
