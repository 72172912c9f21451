import type { Fault } from "./faults/fault.js";
import { clusterFaults } from "./faults/index.js";
import type { Latency } from "./pipe.js";
import { swarm, type Weighted } from "./plan.js";
import type { Random } from "./random.js";

/** What a run is like beyond its plan, where there are several nodes. */
export interface ClusterPlan {
  readonly nodes: number;
  /** How long the way of a node to the engine may be; each life of a node has one of these. */
  readonly engineLatencies: readonly Latency[];
  readonly faults: readonly Weighted<Fault>[];
}

const nearby = { least: 0, most: 1 };
const sameRegion = { least: 1, most: 8 };
const farAway = { least: 10, most: 60 };

/** `nodes` fixes the number of nodes; otherwise the seed does. */
export function clusterPlanFrom(random: Random, nodes: number | undefined): ClusterPlan {
  const number = random.pick([1, 1, 1, 2, 2, 3]);
  return {
    nodes: nodes ?? number,
    engineLatencies: random.pick([[nearby], [nearby, sameRegion], [sameRegion], [sameRegion, farAway], [farAway]]),
    faults: random.chance(0.15) ? [] : swarm(clusterFaults, random, 0.5),
  };
}
