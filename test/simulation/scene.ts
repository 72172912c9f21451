import type { Clock } from "../../src/client/runtime.js";
import type { SimulatedClient } from "./client.js";
import type { Journal } from "./journal.js";
import type { Network } from "./network.js";
import type { Random } from "./random.js";
import type { SimulatedServer } from "./server.js";
import type { SimulatedEngine } from "./simulated-engine.js";

/** A run, as those see it who act in it or break something of it. */
export interface Scene {
  readonly random: Random;
  readonly journal: Journal;
  readonly network: Network;
  readonly engine: SimulatedEngine;
  /** The machines of the nodes. */
  readonly servers: readonly SimulatedServer[];
  readonly clients: readonly SimulatedClient[];
  readonly users: readonly string[];
  readonly channels: readonly string[];
  readonly clock: Clock;
  /** Clients act and faults happen, then everything comes to rest, then everybody has logged out. */
  readonly phase: "active" | "quiet" | "closed";
  /** Plans something that goes on even when the run is quiet. */
  readonly later: (ms: number, task: () => void) => void;
}
