import type { SimulatedLink } from "../simulated-link.js";
import type { World } from "../world.js";
import type { Fault } from "./fault.js";

function onSomeLink(world: World, strike: (link: SimulatedLink) => void): string | undefined {
  const links = [...world.network.links];
  if (links.length === 0) return undefined;
  const link = world.random.pick(links);
  strike(link);
  return link.owner;
}

/** A link breaks; both ends, one of them or none is told. What is under way is lost. */
export const cut: Fault = {
  name: "cut",
  strike: (world) =>
    onSomeLink(world, (link) => link.cut({ client: world.random.chance(0.7), server: world.random.chance(0.7) })),
};

/** One or both directions of a link swallow everything, silently and for good. */
export const halfOpen: Fault = {
  name: "halfOpen",
  strike: (world) => onSomeLink(world, (link) => link.swallow(world.random.pick(["up", "down", "both"]))),
};

/** A reader stops for a while; what is sent waits for it. */
export const stall: Fault = {
  name: "stall",
  strike: (world) =>
    onSomeLink(world, (link) => {
      link.stall(world.random.pick(["up", "down", "down", "both"]));
      world.later(world.random.pick([500, 3_000, 9_000, 20_000]), () => link.resume());
    }),
};

/** A client goes through a tunnel: its link breaks, and no other can be had for a while. */
export const tunnel: Fault = {
  name: "tunnel",
  strike(world) {
    const { name } = world.random.pick(world.clients);
    world.network.closeWay(name, world.random.pick(["refuses", "swallows"]));
    for (const link of world.network.linksOf(name)) {
      link.cut({ client: world.random.chance(0.5), server: world.random.chance(0.5) });
    }
    world.later(world.random.pick([2_000, 10_000, 25_000, 40_000, 60_000, 130_000]), () => world.network.openWay(name));
    return name;
  },
};
