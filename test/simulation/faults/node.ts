import type { World } from "../world.js";
import type { Fault } from "./fault.js";

function startLater({ random, server, later }: World): void {
  later(random.pick([100, 1_000, 5_000, 20_000]), () => void server.start());
}

/** The server's process dies and comes back with an empty memory; links break, or nobody tells the clients. */
export const crash: Fault = {
  name: "crash",
  strike(world) {
    if (world.server.node === undefined) return undefined;
    world.server.crash(world.random.chance(0.8));
    startLater(world);
    return "server";
  },
};

/** The server is restarted in good order. */
export const drain: Fault = {
  name: "drain",
  strike(world) {
    if (world.server.node === undefined) return undefined;
    void world.server.drain().then(() => startLater(world));
    return "server";
  },
};
