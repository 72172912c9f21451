import { describe, expect, it } from "vitest";
import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { bytesTopic } from "../../src/server/engine/ports/topic.js";
import { describeWithRedis, sharedRedis } from "../support/redis.js";
import { singleRedis } from "../support/redis-target.js";
import { openEngine } from "./engine-under-test.js";
import { enginesOn } from "./redis-under-test.js";

const ada = { appId: "app", userId: "ada" };
const lobby = { appId: "app", channel: "lobby" };
const bytes = new Uint8Array(10);
const message = { sender: "ada", message: bytes };
const rate = { limit: 500, windowMs: 1000 };

/** The scripts of each operation, as the README of the engine has them: those that are waited for, and those that are not. */
const operations: readonly [name: string, scripts: number, call: (engine: Engine, epoch: number) => Promise<unknown>][] = [
  ["sessions.claim", 3, ({ sessions }) => sessions.claim({ appId: "app", userId: "bob" }, { sessionId: "s2", nodeId: "n" })],
  ["sessions.claim of one who is logged in", 4, ({ sessions }) => sessions.claim(ada, { sessionId: "s2", nodeId: "n" })],
  ["sessions.release", 3, ({ sessions }, epoch) => sessions.release(ada, epoch)],
  ["sessions.find", 1, ({ sessions }) => sessions.find(ada)],
  ["sessions.setPresence", 1, ({ sessions }, epoch) => sessions.setPresence(ada, epoch, PresenceState.UNREACHABLE)],
  ["sessions.list", 2, ({ sessions }) => sessions.list("app", "", 10)],
  ["sessions.ofNode", 2, ({ sessions }) => sessions.ofNode("n", 10)],
  ["channels.join", 2, ({ channels }) => channels.join(lobby, { userId: "bob", nodeId: "n", epoch: 1 })],
  ["channels.join of one who is in", 3, ({ channels }) => channels.join(lobby, { userId: "ada", nodeId: "n", epoch: 2 })],
  ["channels.leave of the last", 3, ({ channels }) => channels.leave(lobby, "ada", 1)],
  ["channels.members", 1, ({ channels }) => channels.members(lobby, { order: "latest", limit: 10 })],
  ["channels.list", 2, ({ channels }) => channels.list("app", "", 10)],
  ["channels.isMember", 1, ({ channels }) => channels.isMember(lobby, "ada")],
  ["channels.ofNode", 2, ({ channels }) => channels.ofNode("n", 10)],
  ["nodes.renew", 2, ({ nodes }) => nodes.renew("n")],
  ["nodes.send of many", 1, ({ nodes }) => Promise.all(Array.from({ length: 200 }, () => nodes.send("n", bytes)))],
  ["nodes.list", 2, ({ nodes }) => nodes.list()],
  ["bus.publish", 1, ({ bus }) => bus.publish(bytesTopic("topic"), bytes)],
  ["log.append of many", 1, ({ log }) => Promise.all(Array.from({ length: 200 }, () => log.append(lobby, message, rate)))],
];

describeWithRedis("Redis", () => {
  const redis = sharedRedis();
  const makeEngine = enginesOn(() => singleRedis(redis()));
  const scriptsRun = async () => {
    const stats = `${await redis().call("INFO", "commandstats")}`;
    const calls = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    const failed = /cmdstat_evalsha:.*?failed_calls=(\d+)/.exec(stats)?.[1] ?? 0;
    return calls("evalsha") + calls("eval") - Number(failed);
  };

  describe("scripts of an operation", () => {
    it.each(operations)("%s: %i", async (_, scripts, call) => {
      const { engine, advance } = await openEngine(makeEngine, defaultLimits);
      await engine.nodes.enter("n", () => {});
      const { epoch } = await engine.sessions.claim(ada, { sessionId: "s1", nodeId: "n" });
      await engine.channels.join(lobby, { userId: "ada", nodeId: "n", epoch: 1 });
      await advance(0);
      const before = await scriptsRun();

      await call(engine, epoch);
      await advance(0);

      // The two round trips of `advance` are publications.
      expect((await scriptsRun()) - before).toBe(scripts + 2);
    });
  });
});
