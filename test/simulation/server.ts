import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { type AldisNode, createNode } from "../../src/server/compose.js";
import { defaultConfig } from "../../src/server/config.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { type Logger, silentLogger } from "../../src/server/observe/log.js";
import type { ManualRuntime } from "../support/manual-runtime.js";
import { survivingEngine } from "../support/surviving-engine.js";
import { testApp, testVerifier } from "../support/test-node.js";
import type { Journal } from "./journal.js";
import type { Network } from "./network.js";
import type { Random } from "./random.js";
import { Scope } from "./scope.js";

export interface ServerParts {
  readonly runtime: ManualRuntime;
  readonly random: Random;
  readonly network: Network;
  readonly journal: Journal;
  readonly limits: Limits;
  /** True if what is on disk outlives the process. */
  readonly keepsStore: boolean;
}

interface Life {
  readonly node: AldisNode;
  readonly engine: Engine;
  readonly scope: Scope;
  readonly idleTimers: number;
}

/** The server's machine: nodes live on it one after another, and each begins with an empty memory. */
export class SimulatedServer {
  readonly #parts: ServerParts;
  readonly #openEngine: (scope: Scope) => Engine;
  #life: Life | undefined;
  #starting = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const { runtime, limits, keepsStore } = parts;
    const disk = () => survivingEngine(runtime.clock, limits);
    const onlyDisk = disk();
    this.#openEngine = (scope) => (keepsStore ? onlyDisk(scope) : disk()(scope));
  }

  /** What the node shares with others of its kind. Undefined while no node lives. */
  get engine(): Engine | undefined {
    return this.#life?.engine;
  }

  get node(): AldisNode | undefined {
    return this.#life?.node;
  }

  /** The tasks that the node has planned beyond those it had at its start. */
  get busyTimers(): number {
    return this.#life === undefined ? 0 : this.#life.scope.plannedTasks - this.#life.idleTimers;
  }

  async start(): Promise<void> {
    if (this.#life !== undefined || this.#starting) return;
    this.#starting = true;
    const { runtime, random, network, journal, limits } = this.#parts;
    const scope = new Scope(runtime.clock, random.fork());
    const engine = this.#openEngine(scope);
    const node = await createNode({
      engine,
      config: { ...defaultConfig("unused"), appId: testApp, limits },
      verifier: testVerifier(runtime),
      runtime: scope,
      logger: this.#logger(),
      residentBytes: () => 0,
    });
    this.#starting = false;
    this.#life = { node, engine, scope, idleTimers: scope.plannedTasks };
    network.accept = node.accept;
    journal.note("server", { kind: "started" });
  }

  /** Ends the process in the middle of whatever it does. Its memory is lost. */
  crash(told: boolean): void {
    if (this.#life === undefined) return;
    this.#life.scope.kill();
    this.#life = undefined;
    this.#parts.network.serverDies(told);
    this.#parts.journal.note("server", { kind: "crashed", keepsStore: this.#parts.keepsStore });
  }

  /** Asks the clients to go, and ends the process when they have, or when the time for it is over. */
  async drain(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    await life.node.sessions.drain();
    if (this.#life === life) this.crash(true);
  }

  #logger(): Logger {
    const fail = (...what: unknown[]): void =>
      this.#parts.journal.note("server", { kind: "serverFailure", about: textOf(what) });
    return Object.assign(silentLogger(), { error: fail });
  }
}

function textOf(what: readonly unknown[]): string {
  return what.map((part) => (part instanceof Error ? part.stack : JSON.stringify(part, errorsAsText))).join(" ");
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
