import type { Scene } from "../scene.js";
import type { SimulatedServer } from "../server.js";
import type { Fault } from "./fault.js";

/** A node that is up. Undefined if there is none. */
export function someNode({ random, servers }: Scene): SimulatedServer | undefined {
  const up = servers.filter(({ node }) => node !== undefined);
  // A lone node needs no choice, and keeps what seeds of former days mean.
  return up.length > 1 ? random.pick(up) : up[0];
}

function startLater({ random, later }: Scene, server: SimulatedServer): void {
  later(random.pick([100, 1_000, 5_000, 20_000]), () => void server.start());
}

/** A node's process dies and comes back with an empty memory; links break, or nobody tells the clients. */
export const crash: Fault = {
  name: "crash",
  strike(scene) {
    const server = someNode(scene);
    if (server === undefined) return undefined;
    server.crash(scene.random.chance(0.8));
    startLater(scene, server);
    return server.name;
  },
};

/** A node is restarted in good order. */
export const drain: Fault = {
  name: "drain",
  strike(scene) {
    const server = someNode(scene);
    if (server === undefined) return undefined;
    void server.drain().then(() => startLater(scene, server));
    return server.name;
  },
};
