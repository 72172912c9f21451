import { cutFromEngine, deafen, engineAway, engineLosesData, loginRace, pause } from "./cluster.js";
import type { Fault } from "./fault.js";
import { cut, halfOpen, stall, tunnel } from "./link.js";
import { crash, drain } from "./node.js";

/** What goes wrong with any number of nodes. A new kind of fault is a file and a line here, or in the next list. */
export const faults: readonly Fault[] = [cut, halfOpen, stall, tunnel, crash, drain];

/** What goes wrong besides where there are several nodes. That the engine loses its data is rare. */
export const clusterFaults: readonly Fault[] = [
  pause,
  pause,
  cutFromEngine,
  cutFromEngine,
  deafen,
  deafen,
  engineAway,
  engineLosesData,
  loginRace,
];
