import type { Scene } from "../scene.js";
import type { Fault } from "./fault.js";

function startLater({ random, server, later }: Scene): void {
  later(random.pick([100, 1_000, 5_000, 20_000]), () => void server.start());
}

/** The server's process dies and comes back with an empty memory; links break, or nobody tells the clients. */
export const crash: Fault = {
  name: "crash",
  strike(scene) {
    if (scene.server.node === undefined) return undefined;
    scene.server.crash(scene.random.chance(0.8));
    startLater(scene);
    return "server";
  },
};

/** The server is restarted in good order. */
export const drain: Fault = {
  name: "drain",
  strike(scene) {
    if (scene.server.node === undefined) return undefined;
    void scene.server.drain().then(() => startLater(scene));
    return "server";
  },
};
