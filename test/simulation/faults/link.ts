import type { Scene } from "../scene.js";
import type { SimulatedLink } from "../simulated-link.js";
import type { Fault } from "./fault.js";

function onSomeLink(scene: Scene, strike: (link: SimulatedLink) => void): string | undefined {
  const links = [...scene.network.links];
  if (links.length === 0) return undefined;
  const link = scene.random.pick(links);
  strike(link);
  return link.owner;
}

/** A link breaks; both ends, one of them or none is told. What is under way is lost. */
export const cut: Fault = {
  name: "cut",
  strike: (scene) =>
    onSomeLink(scene, (link) => link.cut({ client: scene.random.chance(0.7), server: scene.random.chance(0.7) })),
};

/** One or both directions of a link swallow everything, silently and for good. */
export const halfOpen: Fault = {
  name: "halfOpen",
  strike: (scene) => onSomeLink(scene, (link) => link.swallow(scene.random.pick(["up", "down", "both"]))),
};

/** A reader stops for a while; what is sent waits for it. */
export const stall: Fault = {
  name: "stall",
  strike: (scene) =>
    onSomeLink(scene, (link) => {
      link.stall(scene.random.pick(["up", "down", "down", "both"]));
      scene.later(scene.random.pick([500, 3_000, 9_000, 20_000]), () => link.resume());
    }),
};

/** A client goes through a tunnel: its link breaks, and no other can be had for a while. */
export const tunnel: Fault = {
  name: "tunnel",
  strike(scene) {
    const { name } = scene.random.pick(scene.clients);
    scene.network.closeWay(name, scene.random.pick(["refuses", "swallows"]));
    for (const link of scene.network.linksOf(name)) {
      link.cut({ client: scene.random.chance(0.5), server: scene.random.chance(0.5) });
    }
    scene.later(scene.random.pick([2_000, 10_000, 25_000, 40_000, 60_000, 130_000]), () => scene.network.openWay(name));
    return name;
  },
};
