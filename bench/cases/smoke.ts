import type { Outcome, Report } from "../support/report.js";
import { floorNames, peerNames } from "../systems/systems.js";
import { runCalls } from "./calls.js";
import { runCluster } from "./cluster.js";
import { runFanOut } from "./fan-out.js";
import { runJoin } from "./join.js";
import { runLatency } from "./latency.js";
import { runMemory } from "./memory.js";
import { runMicro } from "./micro.js";
import { runSaturation } from "./saturation.js";
import { runSlowReader } from "./slow-reader.js";
import { runStore } from "./store.js";
import { runStoreUsers } from "./store-users.js";
import { runStorm } from "./storm.js";
import { runSync } from "./sync.js";

const load = { bytes: 128, seconds: 1, warmUp: 0.5, runs: 1 };

/** Every case in its shortest form. Its figures mean nothing; it shows that the cases work and that nothing is lost. */
export async function runSmoke(_options: object, report: Report): Promise<Outcome> {
  const cases: Readonly<Record<string, () => Promise<Outcome>>> = {
    "fan-out": () => runFanOut({ ...load, members: [20], rate: [20], bytes: [128], peers: peerNames }, report),
    saturation: () => runSaturation({ ...load, members: 10, rate: 100, peers: floorNames, steps: 2 }, report),
    latency: () => runLatency({ messages: 20 }, report),
    storm: () => runStorm({ sessions: 100, channels: 5, runs: 1 }, report),
    join: () => runJoin({ members: [5, 50], newcomers: 20, runs: 1 }, report),
    memory: () => runMemory({ sessions: [50, 100], settleSeconds: 0.2 }, report),
    "slow-reader": () => runSlowReader({ ...load, members: 20, rate: 20, oneIn: 10 }, report),
    cluster: () => runCluster({ ...load, nodes: [2], members: [20], rate: 20 }, report),
    calls: () => runCalls({ seconds: 0.5, runs: 1, concurrency: 4 }, report),
    micro: () => runMicro({ members: 10, bytes: 128 }, report),
    "store-users": () => runStoreUsers({ users: 500 }, report),
    store: () => runStore({ seconds: 0.5, messages: 100 }, report),
    sync: () => runSync({ seconds: 0.5, rate: 60 }, report),
  };
  let failed = false;
  for (const [name, run] of Object.entries(cases)) {
    report.progress(`== ${name}`);
    const outcome = await run();
    failed ||= outcome.failed;
  }
  return { failed };
}
