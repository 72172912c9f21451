// One engine in memory for several nodes, each with a connection of its own that can fail.
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import { MemoryNodeDirectory } from "../../src/server/engine/embedded/memory-node-directory.js";
import type { Engine } from "../../src/server/engine/engine.js";
import type { Runtime } from "../../src/server/runtime.js";
import { EngineConnection } from "./engine-connection.js";

export interface SharedEngineOptions {
  /** The time and randomness of the engine, which outlives all nodes. */
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** After what silence nodes fall, in milliseconds; by default `presenceGraceMs`. */
  readonly leaseMs?: number;
}

/** The engine of a cluster. */
export class SharedEngine {
  readonly #options: SharedEngineOptions;
  readonly #connections: EngineConnection[] = [];
  #present: Engine;

  constructor(options: SharedEngineOptions) {
    this.#options = options;
    this.#present = this.#begin();
  }

  /** The engine itself, over no connection. */
  get engine(): Engine {
    return this.#present;
  }

  /** Connects a node's process. */
  connect(): EngineConnection {
    const { runtime, limits } = this.#options;
    const connection = new EngineConnection(() => this.#present, runtime.clock, limits);
    this.#connections.push(connection);
    return connection;
  }

  /** The engine loses all that it has, and begins anew. */
  loseData(): void {
    void this.#present.close();
    this.#present = this.#begin();
    for (const connection of this.#connections) connection.connectAnew();
  }

  #begin(): Engine {
    const { runtime, limits, leaseMs = limits.presenceGraceMs } = this.#options;
    const nodes = new MemoryNodeDirectory({ clock: runtime.clock, leaseMs });
    return { ...createEmbeddedEngine({ runtime, limits }), nodes };
  }
}
