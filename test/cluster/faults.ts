import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../simulation/random.js";
import { type Cluster, leaseMs } from "./cluster.js";

/** What a fault may do to those who watch, and tells them. */
export interface Stage {
  readonly cluster: Cluster;
  readonly random: Random;
  /** Redis has lost its data, or may have lost what was written last. */
  dataLost(what?: { readonly newestOnly: boolean }): void;
  /** All clients are with a node, and none may lose its session until what is returned is called. */
  watchSessions(): () => void;
  /** Lets several clients of one user log in at once on all nodes. */
  raceLogins(): Promise<void>;
  /** Something that was promised did not hold. */
  complain(problem: string): void;
}

export interface Fault {
  readonly name: string;
  /** Happens, and is over when it resolves. */
  strike(stage: Stage): Promise<void>;
}

const fault = (name: string, strike: Fault["strike"]): Fault => ({ name, strike });

/** A stop of a node that nobody may fall for, and one that it must fall for, in milliseconds. */
const briefStopMs = [200, leaseMs / 2] as const;
const longStopMs = [leaseMs + 1500, leaseMs + 3000] as const;
/** How long Redis may take to be missed, in milliseconds, and how long it is away. */
const missedMs = 1000;
const awayMs = [1500, 4000] as const;

/** All that can happen. Each is picked as often as the others. */
export const faults: readonly Fault[] = [
  fault("none", async () => {
    await sleep(1500);
  }),
  fault("node killed", async ({ cluster, random }) => {
    const node = random.pick(cluster.nodes);
    await node.kill();
    await sleep(random.between(0, 2 * leaseMs));
    await node.start();
  }),
  fault("node terminated", async ({ cluster, random }) => {
    const node = random.pick(cluster.nodes);
    await node.terminate();
    await sleep(random.between(0, 1500));
    await node.start();
  }),
  fault("node stopped briefly", ({ cluster, random }) => stopNode(cluster, random, briefStopMs)),
  fault("node stopped beyond its lease", ({ cluster, random }) => stopNode(cluster, random, longStopMs)),
  fault("redis restarted", async ({ cluster, random }) => {
    await cluster.redis.kill();
    await sleep(random.between(0, 1000));
    await cluster.redis.restart({ keepData: true });
  }),
  fault("redis away", awayAndBack),
  fault("redis emptied", async (stage) => {
    stage.dataLost();
    await stage.cluster.redis.restart({ keepData: false });
    stage.dataLost();
  }),
  fault("redis paused", async ({ cluster, random }) => {
    cluster.redis.pause();
    await sleep(random.between(...awayMs));
    cluster.redis.resume();
  }),
  fault("node cut off", async ({ cluster, random }) => {
    const { proxy } = random.pick(cluster.nodes);
    if (random.chance(0.5)) proxy.cut();
    else proxy.stall();
    await sleep(random.between(500, leaseMs + 2000));
    proxy.restore();
  }),
  fault("failover", async (stage) => {
    const replica = await stage.cluster.startReplica();
    stage.dataLost({ newestOnly: true });
    await stage.cluster.failOver(replica);
    stage.dataLost({ newestOnly: true });
  }),
  fault("login race", async (stage) => {
    await stage.raceLogins();
  }),
];

async function stopNode(cluster: Cluster, random: Random, [least, most]: readonly [number, number]): Promise<void> {
  const node = random.pick(cluster.nodes);
  node.pause();
  await sleep(random.between(least, most));
  node.resume();
}

/** While Redis is away nobody loses a session, and every node says that it is not ready. */
async function awayAndBack(stage: Stage): Promise<void> {
  const { cluster, random } = stage;
  const unwatch = stage.watchSessions();
  await cluster.redis.kill();
  await sleep(missedMs);
  const ready = await Promise.all(cluster.nodes.map((node) => node.isReady()));
  for (const [index, node] of cluster.nodes.entries()) {
    if (ready[index]) stage.complain(`${node.name} says that it is ready while Redis is away`);
  }
  await sleep(random.between(0, 2000));
  unwatch();
  await cluster.redis.restart({ keepData: true });
}
