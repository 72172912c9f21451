// A primary, a replica and a Sentinel that are real: whatever becomes of the primary, the engine finds its successor by itself.
import { randomUUID } from "node:crypto";
import { expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { RedisTarget } from "../../src/server/config/redis-target.js";
import { bytesTopic } from "../../src/server/engine/ports/topic.js";
import { createRedisEngine } from "../../src/server/engine/redis/redis-engine.js";
import { createServer } from "../../src/server/index.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { failOn } from "../support/fail-on.js";
import { describeWithRedis, type RedisServer, startTestRedis, startTestSentinel } from "../support/redis.js";
import { sentinelRedis } from "../support/redis-target.js";

const name = "main";
const lobby = { appId: "app", channel: "lobby" };
/** A failover takes some seconds, more on a busy machine. */
const bound = { timeout: 45_000, interval: 50 };
const slow = { timeout: 120_000 };

const message = (number: number) => new TextEncoder().encode(`${number}`);
const numberOf = (bytes: Uint8Array) => Number(new TextDecoder().decode(bytes));

async function startTrio() {
  const primary = await startTestRedis();
  const replica = await startTestRedis({ replicaOf: primary });
  const sentinel = await startTestSentinel({ name, primary });
  await sentinel.untilKnows(replica);
  return { primary, replica, sentinel };
}

/** An engine with a node, a listener and a member, and all that they hear. */
async function openInhabitedEngine(target: RedisTarget) {
  const said: boolean[] = [];
  const { engine } = await createRedisEngine(
    { target, prefix: `${randomUUID()}:`, profile: "fast", runtime: systemRuntime, limits: defaultLimits, report: failOn },
    { onConnection: (isThere) => said.push(isThere) },
  );
  onTestFinished(() => engine.close());
  const mail: number[] = [];
  const topic: (number | "interrupted")[] = [];
  await engine.nodes.enter("node", (bytes) => mail.push(numberOf(bytes)));
  await engine.bus.subscribe(
    bytesTopic("topic"),
    (bytes) => topic.push(numberOf(bytes)),
    () => topic.push("interrupted"),
  );
  await engine.channels.join(lobby, { userId: "ada", nodeId: "node", epoch: 1 });
  return { engine, said, mail, topic };
}

type Inhabited = Awaited<ReturnType<typeof openInhabitedEngine>>;

/** All kinds of calls work, and all that is said is heard, once. */
async function expectToServe({ engine, mail, topic }: Inhabited, number: number): Promise<void> {
  await vi.waitFor(() => expect(engine.health()).toBe("ok"), bound);
  await vi.waitFor(async () => expect((await engine.nodes.renew("node")).kind).toBe("held"), bound);
  await vi.waitFor(() => engine.log.append(lobby, { sender: "ada", message: message(number) }), bound);
  await vi.waitFor(async () => expect(await engine.nodes.send("node", message(number))).toBe(true), bound);
  await vi.waitFor(async () => {
    await engine.nodes.renew("node");
    expect(mail).toContain(number);
  }, bound);
  await vi.waitFor(() => expect(topic.lastIndexOf("interrupted")).toBeGreaterThanOrEqual(0), bound);
  await engine.bus.publish(bytesTopic("topic"), message(number));
  await vi.waitFor(() => expect(topic.at(-1)).toBe(number), bound);
  expect(mail.filter((each) => each === number)).toEqual([number]);
  expect(topic.filter((each) => each === number)).toEqual([number]);
}

/** What was written so far is on the replica too. */
async function untilReplicated(primary: RedisServer, replica: RedisServer): Promise<void> {
  const offset = async (server: RedisServer) => /^master_repl_offset:(\d+)/m.exec(`${await server.call("INFO")}`)?.[1];
  await vi.waitFor(async () => expect(await offset(replica)).toBe(await offset(primary)), bound);
}

describeWithRedis("Redis behind a Sentinel", () => {
  it("is served by the replica when the primary is killed, with what that has", slow, async () => {
    const { primary, replica, sentinel } = await startTrio();
    const inhabited = await openInhabitedEngine(sentinelRedis([sentinel], name));
    const { engine, said } = inhabited;
    await untilReplicated(primary, replica);

    await primary.kill();
    await vi.waitFor(() => expect(engine.health()).toBe("unreachable"), bound);
    await vi.waitFor(async () => expect(await sentinel.primaryPort()).toBe(replica.port), bound);

    await expectToServe(inhabited, 1);
    expect(said).toEqual([true, false, true]);
    expect(await engine.channels.counts([lobby])).toEqual([1]);
    const bob = { userId: "bob", nodeId: "node", epoch: 1 };
    expect(await engine.channels.join(lobby, bob)).toEqual({ joined: true, count: 2 });
  });

  it("is served by the replica when the primary stands still, also when that goes on", slow, async () => {
    const { primary, replica, sentinel } = await startTrio();
    const inhabited = await openInhabitedEngine(sentinelRedis([sentinel], name));
    await untilReplicated(primary, replica);

    primary.pause();
    await vi.waitFor(async () => expect(await sentinel.primaryPort()).toBe(replica.port), bound);
    await expectToServe(inhabited, 1);
    primary.resume();

    await expectToServe(inhabited, 2);
  });

  it("follows an operator who changes the primary, and brings no message twice or out of order", slow, async () => {
    const { primary, replica, sentinel } = await startTrio();
    const inhabited = await openInhabitedEngine(sentinelRedis([sentinel], name));
    const { engine, said, mail } = inhabited;
    await untilReplicated(primary, replica);
    const sends: Promise<boolean>[] = [];

    await sentinel.call("SENTINEL", "FAILOVER", name);
    await vi.waitFor(() => {
      sends.push(engine.nodes.send("node", message(100 + sends.length)));
      expect(said).toEqual([true, false, true]);
    }, bound);
    await Promise.allSettled(sends);
    await expectToServe(inhabited, 1);

    const heard = mail.filter((number) => number >= 100);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard).toEqual([...new Set(heard)].sort((one, other) => one - other));
  });

  it("is found over another Sentinel when the first one does not answer", slow, async () => {
    const { primary, replica, sentinel } = await startTrio();
    const silent = await startTestSentinel({ name, primary });
    await silent.untilKnows(replica);
    silent.pause();

    const { engine } = await openInhabitedEngine(sentinelRedis([silent, sentinel], name));

    expect(engine.health()).toBe("ok");
  });

  it("keeps a server from starting under a name that the Sentinel does not know, which says so at once", slow, async () => {
    const primary = await startTestRedis();
    const sentinel = await startTestSentinel({ name, primary });
    const redis = sentinelRedis([sentinel], "other");

    const began = performance.now();
    await expect(createServer({ config: { engine: "redis", redis } })).rejects.toThrow(
      /\/other cannot be used: no Sentinel knows a master of that name/,
    );
    expect(performance.now() - began).toBeLessThan(8000);
  });
});
