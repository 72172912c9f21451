import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../src/server/engine/engine.js";
import type { Clock } from "../../src/server/runtime.js";
import type { EngineConnection } from "../support/engine-connection.js";
import { SharedEngine } from "../support/shared-engine.js";
import { survivingEngine } from "../support/surviving-engine.js";
import type { Latency } from "./pipe.js";
import type { Random } from "./random.js";
import { Scope } from "./scope.js";

/** The engine of one life of a node, and the way to it where it is elsewhere. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly connection?: EngineConnection;
}

/** What the nodes of a run have in common, and what outlives them. */
export interface SimulatedEngine {
  /** Opens the engine for a node's process. */
  open(process: Scope): OpenEngine;
  /** The engine as it is. Undefined while there is none. */
  readonly present: Engine | undefined;
  /** True if a crash of a node is the end of what the engine has. */
  readonly diesWithNode: boolean;
  /** Loses all data. */
  loseData(): void;
}

/** The engine that a lone node has within its own process. With a store, what is on disk outlives the process. */
export class OwnEngine implements SimulatedEngine {
  readonly diesWithNode: boolean;
  present: Engine | undefined;
  readonly #disk: () => (process: Scope) => Engine;
  #openEngine: (process: Scope) => Engine;

  constructor(clock: Clock, limits: Limits, keepsStore: boolean) {
    this.#disk = () => survivingEngine(clock, limits);
    this.#openEngine = this.#disk();
    this.diesWithNode = !keepsStore;
  }

  open(process: Scope): OpenEngine {
    this.present = this.#openEngine(process);
    return { engine: this.present };
  }

  loseData(): void {
    this.#openEngine = this.#disk();
  }
}

/** One engine for several nodes, which reach it over the network. */
export class CommonEngine implements SimulatedEngine {
  readonly diesWithNode = false;
  readonly #shared: SharedEngine;
  readonly #random: Random;
  readonly #latencies: readonly Latency[];

  /** Each connection has one of the latencies. */
  constructor(clock: Clock, limits: Limits, random: Random, latencies: readonly Latency[]) {
    this.#random = random;
    this.#latencies = latencies;
    this.#shared = new SharedEngine({ runtime: new Scope(clock, random.fork()), limits });
  }

  get present(): Engine {
    return this.#shared.engine;
  }

  open(): OpenEngine {
    const connection = this.#shared.connect();
    const { least, most } = this.#random.pick(this.#latencies);
    connection.delayMs = () => this.#random.between(least, most);
    return { engine: connection.engine, connection };
  }

  loseData(): void {
    this.#shared.loseData();
  }
}
