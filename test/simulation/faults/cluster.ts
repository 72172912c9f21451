import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import type { SimulatedClient } from "../client.js";
import type { Scene } from "../scene.js";
import type { Fault } from "./fault.js";
import { someNode } from "./node.js";

/** How long a node, or the engine, is out of reach, in milliseconds: shorter than a lease of 30 s, and longer. */
const outages = [500, 2_000, 8_000, 20_000, 40_000, 70_000];

/** A node's process stands still, as after SIGSTOP, and goes on: longer than its lease, it has fallen meanwhile. */
export const pause: Fault = {
  name: "pause",
  strike(scene) {
    const server = someNode(scene);
    if (server === undefined || server.has("paused")) return undefined;
    server.suffer("paused");
    scene.later(scene.random.pick(outages), () => server.recover("paused"));
    return server.name;
  },
};

/** A node cannot reach the engine: calls fail, what the bus brings is lost, and mail waits. */
export const cutFromEngine: Fault = {
  name: "cutFromEngine",
  strike(scene) {
    const server = someNode(scene);
    if (server === undefined || server.has("cut")) return undefined;
    server.suffer("cut");
    scene.later(scene.random.pick(outages), () => server.recover("cut"));
    return server.name;
  },
};

/** A node does not hear the bus for a while; all else goes on. */
export const deafen: Fault = {
  name: "deafen",
  strike(scene) {
    const server = someNode(scene);
    return server?.breakBus(scene.random.pick([100, 1_000, 5_000])) ? server.name : undefined;
  },
};

/** Nobody can reach the engine. It has its data when it is back. */
export const engineAway: Fault = {
  name: "engineAway",
  strike: takeEngineAway,
};

/** The engine is started anew without its data. */
export const engineLosesData: Fault = {
  name: "engineLosesData",
  strike(scene) {
    if (takeEngineAway(scene) === undefined) return undefined;
    scene.engine.loseData();
    scene.journal.note("server", { kind: "dataLost" });
    return "server";
  },
};

function takeEngineAway({ servers, random, later }: Scene): string | undefined {
  if (servers.some((server) => server.has("away"))) return undefined;
  for (const server of servers) server.suffer("away");
  later(random.pick(outages), () => {
    for (const server of servers) server.recover("away");
  });
  return "server";
}

/** All clients of one user log in at the same time, whatever they did before, each at some node. */
export const loginRace: Fault = {
  name: "loginRace",
  strike({ clients, random }) {
    const { user } = random.pick(clients);
    const racers = clients.filter((client) => client.user === user);
    if (racers.length < 2) return undefined;
    for (const racer of racers) void logInAnew(racer);
    return user;
  },
};

async function logInAnew(client: SimulatedClient): Promise<void> {
  if (client.app.state !== ConnectionState.DISCONNECTED) await client.app.logout();
  await client.logIn();
}
