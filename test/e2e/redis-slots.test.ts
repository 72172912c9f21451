// Slots of a real Redis Cluster move while the engine works: changes wait for them, and nothing is lost, doubled or out of order.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { moveSlot, ownerOf } from "../../scripts/support/redis/move-slot.js";
import type { RedisServer } from "../../scripts/support/redis/server.js";
import { bytesTopic } from "../../src/server/engine/ports/topic.js";
import { channelTag, keyOf, nodeTag } from "../../src/server/engine/redis/keys.js";
import { createRedisEngine } from "../../src/server/engine/redis/redis-engine.js";
import { slotOf } from "../../src/server/engine/redis/slot.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { failOn } from "../support/fail-on.js";
import { describeWithRedis, sharedRedisCluster } from "../support/redis.js";
import { redisCluster } from "../support/redis-target.js";

const lobby = { appId: "app", channel: "lobby" };
const bound = { timeout: 20_000, interval: 20 };
/** How long a slot is held between both servers. Longer than the engine asks again, and shorter than its patience. */
const betweenMs = 300;

const message = (number: number) => new TextEncoder().encode(`${number}`);
const numberOf = (bytes: Uint8Array) => Number(new TextDecoder().decode(bytes));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function openEngine(target: ReturnType<typeof redisCluster>) {
  const prefix = `${randomUUID()}:`;
  const { engine } = await createRedisEngine(
    {
      target,
      prefix,
      profile: "fast",
      runtime: systemRuntime,
      limits: { ...defaultLimits, channelHistoryMessages: 10_000 },
      report: failOn,
    },
    { onConnection: () => {} },
  );
  onTestFinished(() => engine.close());
  return { engine, prefix };
}

/** What ends the load. It ends with the test at the latest, so that when a move fails the load does not bury why. */
function endOfLoad(): AbortController {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  return end;
}

/** An engine, and where the lobby's slot is. */
async function openLobby(servers: readonly RedisServer[]) {
  const { engine, prefix } = await openEngine(redisCluster(servers));
  const slot = slotOf(keyOf(prefix, channelTag(lobby)));
  return { engine, prefix, slot, from: await ownerOf(slot, servers) };
}

/** A channel whose slot a server has. */
async function channelAt(server: RedisServer, servers: readonly RedisServer[], prefix: string) {
  for (let number = 1; ; number += 1) {
    const channel = { appId: "app", channel: `elsewhere${number}` };
    if ((await ownerOf(slotOf(keyOf(prefix, channelTag(channel))), servers)) === server) return channel;
  }
}

describeWithRedis("a Redis Cluster whose slots move", () => {
  const cluster = sharedRedisCluster();

  it("keeps every change, once and in order, and is heard", { timeout: 120_000 }, async () => {
    const servers = cluster();
    const { engine, prefix } = await openEngine(redisCluster(servers));
    const mail: number[] = [];
    const published: number[] = [];
    await engine.nodes.enter("node", (bytes) => mail.push(numberOf(bytes)));
    await engine.bus.subscribe(bytesTopic(channelTag(lobby)), () => published.push(0));
    const calls: Promise<boolean>[] = [];
    const appends: ReturnType<typeof engine.log.append>[] = [];
    let made = 0;
    const end = endOfLoad();
    const load = async () => {
      while (!end.signal.aborted) {
        made += 1;
        const userId = `user${made}`;
        calls.push(engine.channels.join(lobby, { userId, nodeId: "node", epoch: 1 }).then(({ joined }) => joined));
        appends.push(engine.log.append(lobby, { sender: userId, message: message(made) }));
        calls.push(engine.nodes.send("node", message(made)));
        // Others keep every server busy, so calls of a slot that has moved travel together with those of others.
        for (let other = 0; other < 8; other += 1)
          calls.push(engine.channels.counts([{ appId: "app", channel: `${other}` }]).then(() => true));
        await sleep(2);
      }
    };
    const move = async () => {
      for (const tag of [channelTag(lobby), nodeTag("node"), channelTag(lobby)]) {
        const slot = slotOf(keyOf(prefix, tag));
        const from = await ownerOf(slot, servers);
        const to = servers.find((server) => server !== from) ?? from;
        await moveSlot({ slot, from, to, servers, between: () => sleep(betweenMs) });
        await sleep(200);
      }
      end.abort();
    };
    await Promise.all([load(), move()]);

    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter((outcome) => outcome.status === "rejected" || !outcome.value)).toEqual([]);
    expect(await engine.channels.counts([lobby])).toEqual([made]);
    const positions = await Promise.all(appends);
    const epochs = [...new Set(positions.map(({ epoch }) => epoch))];
    expect(epochs.length).toBeLessThanOrEqual(3);
    for (const each of epochs) {
      const offsets = positions.filter(({ epoch }) => epoch === each).map(({ offset }) => offset);
      expect(offsets).toEqual(upTo(offsets.length));
    }
    await vi.waitFor(async () => {
      await engine.nodes.renew("node");
      expect(mail).toEqual(upTo(made));
    }, bound);
    const before = published.length;
    await engine.log.append(lobby, { sender: "ada", message: message(made + 1) });
    await vi.waitFor(() => expect(published.length).toBeGreaterThan(before), bound);
    expect(engine.health()).toBe("ok");
  });

  it("finds a slot in which it listens to nothing, while other slots of the same servers are busy", {
    timeout: 120_000,
  }, async () => {
    const servers = cluster();
    const { engine, slot, from } = await openLobby(servers);
    const to = servers.find((server) => server !== from) ?? from;
    const calls: Promise<unknown>[] = [];
    const end = endOfLoad();
    // Whatever is asked for goes together with calls for other slots of the same server.
    const others = Array.from({ length: 20 }, async (_, other) => {
      while (!end.signal.aborted) await engine.channels.counts([{ appId: "app", channel: `${other}` }]);
    });
    let members = 0;
    const join = async () => {
      members += 1;
      calls.push(engine.channels.join(lobby, { userId: `user${members}`, nodeId: "node", epoch: 1 }));
      await sleep(2);
    };

    await join();
    await moveSlot({ slot, from, to, servers, between: join });
    for (let left = 200; left > 0; left -= 1) await join();
    end.abort();
    await Promise.all(others);

    const failures = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
    expect(failures).toEqual([]);
    expect(await engine.channels.counts([lobby])).toEqual([members]);
  });

  it("keeps the order of calls that wait for a slot when the client learns elsewhere that it has moved", {
    timeout: 120_000,
  }, async () => {
    const servers = cluster();
    const { engine, prefix, slot, from } = await openLobby(servers);
    const [to, third] = servers.filter((server) => server !== from) as [RedisServer, RedisServer];
    const elsewhere = await channelAt(third, servers, prefix);
    const appends: ReturnType<typeof engine.log.append>[] = [];
    const end = endOfLoad();
    const load = async () => {
      while (!end.signal.aborted) {
        appends.push(engine.log.append(lobby, { sender: "ada", message: message(appends.length + 1) }));
        await sleep(1);
      }
    };
    await engine.log.append(lobby, { sender: "ada", message: message(0) });
    await engine.channels.counts([elsewhere]);
    await moveSlot({ slot: slotOf(keyOf(prefix, channelTag(elsewhere))), from: third, to, servers });
    const loading = load();
    await moveSlot({ slot, from, to, servers, between: () => sleep(betweenMs) });
    // This one has moved as well, so its server tells the client to look where all slots are.
    await engine.channels.counts([elsewhere]);
    await engine.log.head(lobby);
    end.abort();
    await loading;

    const positions = await Promise.all(appends);
    const last = positions.filter(({ epoch }) => epoch === positions.at(-1)?.epoch);
    expect(last.map(({ offset }) => offset)).toEqual(upTo(last.length));
  });
});
