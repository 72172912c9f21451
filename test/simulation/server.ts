import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { type AldisNode, createNode } from "../../src/server/compose.js";
import { defaultConfig } from "../../src/server/config.js";
import { EngineUnavailable } from "../../src/server/engine/ports/unavailable.js";
import { type Logger, silentLogger } from "../../src/server/observe/log.js";
import type { EngineConnection } from "../support/engine-connection.js";
import type { ManualRuntime } from "../support/manual-runtime.js";
import { testApp, testVerifier } from "../support/test-node.js";
import type { Journal } from "./journal.js";
import type { Network } from "./network.js";
import type { Random } from "./random.js";
import { Scope } from "./scope.js";
import type { SimulatedEngine } from "./simulated-engine.js";
import type { Trouble } from "./trouble.js";

export interface ServerParts {
  readonly name: string;
  readonly runtime: ManualRuntime;
  readonly random: Random;
  readonly network: Network;
  readonly engine: SimulatedEngine;
  readonly journal: Journal;
  readonly limits: Limits;
}

interface Life {
  readonly scope: Scope;
  readonly connection: EngineConnection | undefined;
  /** Undefined until it is put together. */
  node?: AldisNode;
  idleTimers: number;
}

/** How long a process that could not start, or has been told to end, is left alone, in milliseconds. */
const patienceMs = 2_000;

/** The machine of a node: nodes live on it one after another, and each begins with an empty memory. */
export class SimulatedServer {
  readonly #parts: ServerParts;
  readonly #troubles = new Set<Trouble>();
  #life: Life | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Undefined while no node lives, or it has not started yet. */
  get node(): AldisNode | undefined {
    return this.#life?.node;
  }

  /** The tasks that the node has planned beyond those it had at its start. */
  get busyTimers(): number {
    return this.#life?.node === undefined ? 0 : this.#life.scope.plannedTasks - this.#life.idleTimers;
  }

  has(trouble: Trouble): boolean {
    return this.#troubles.has(trouble);
  }

  async start(): Promise<void> {
    if (this.#life !== undefined) return;
    const { runtime, random, network, engine, journal, limits, name } = this.#parts;
    const scope = new Scope(runtime.clock, random.fork());
    const opened = engine.open(scope);
    const life: Life = { scope, connection: opened.connection, idleTimers: 0 };
    this.#life = life;
    this.#feelTroubles();
    try {
      const node = await createNode({
        engine: opened.engine,
        config: { ...defaultConfig("unused"), appId: testApp, limits },
        verifier: testVerifier(runtime),
        runtime: scope,
        logger: this.#logger(),
        residentBytes: () => 0,
      });
      if (this.#life !== life) return;
      life.node = node;
      life.idleTimers = scope.plannedTasks;
      network.doors.set(name, { accept: node.accept, process: scope });
      journal.note(name, { kind: "started" });
    } catch (failure) {
      if (!(failure instanceof EngineUnavailable)) throw failure;
      // Whoever looks after the process starts it again.
      if (this.#life !== life) return;
      this.#end(life);
      runtime.clock.after(patienceMs, () => void this.start());
    }
  }

  /** Ends the process in the middle of whatever it does. Its memory is lost. */
  crash(told: boolean): void {
    const life = this.#life;
    if (life?.node === undefined) return;
    const { name, network, journal, engine } = this.#parts;
    this.#end(life);
    this.recover("paused");
    network.nodeDies(name, told);
    journal.note(name, { kind: "crashed" });
    if (!engine.diesWithNode) return;
    engine.loseData();
    journal.note("server", { kind: "dataLost" });
  }

  /** Asks the clients to go, and ends the process when they have, or when the time for it is over. */
  async drain(): Promise<void> {
    const life = this.#life;
    if (life?.node === undefined) return;
    await life.node.sessions.drain();
    if (this.#life !== life) return;
    // Among others, a node takes its leave of them. A lone one has nobody to tell.
    if (life.connection !== undefined) await this.#takeLeave(life.node);
    if (this.#life === life) this.crash(true);
  }

  /** The machine gets into trouble, until it recovers. The next life of the node has the trouble too. */
  suffer(trouble: Trouble): void {
    if (this.has(trouble)) return;
    this.#troubles.add(trouble);
    this.#parts.journal.note(this.name, { kind: "unwell", trouble });
    this.#feelTroubles();
  }

  recover(trouble: Trouble): void {
    if (!this.#troubles.delete(trouble)) return;
    this.#parts.journal.note(this.name, { kind: "well", trouble });
    this.#feelTroubles();
  }

  /** The connection on which the node hears the bus breaks for a time. What is published meanwhile is lost to the node. */
  breakBus(ms: number): boolean {
    const connection = this.#life?.connection;
    if (connection === undefined) return false;
    connection.losesPublication = () => true;
    this.#parts.runtime.clock.after(ms, () => {
      connection.losesPublication = () => false;
      connection.interrupt();
    });
    return true;
  }

  #feelTroubles(): void {
    if (this.#life === undefined) return;
    const { scope, connection } = this.#life;
    const isPaused = this.has("paused");
    if (isPaused) scope.pause();
    if (isPaused) connection?.stop();
    if (this.has("cut") || this.has("away")) connection?.cut();
    else connection?.heal();
    if (!isPaused) connection?.go();
    if (!isPaused) scope.go();
  }

  #end(life: Life): void {
    this.#life = undefined;
    life.scope.kill();
    life.connection?.kill();
  }

  /** A node that cannot reach the engine is not waited for. */
  #takeLeave(node: AldisNode): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.runtime.clock.after(patienceMs, resolve);
      node.close().then(resolve, resolve);
    });
  }

  #logger(): Logger {
    const fail = (...what: unknown[]): void => {
      // That the engine cannot be reached is no fault of the node.
      if (!what.some(isUnavailable)) this.#parts.journal.note(this.name, { kind: "serverFailure", about: textOf(what) });
    };
    return Object.assign(silentLogger(), { error: fail });
  }
}

function isUnavailable(part: unknown): boolean {
  return typeof part === "object" && part !== null && "err" in part && part.err instanceof EngineUnavailable;
}

function textOf(what: readonly unknown[]): string {
  return what.map((part) => (part instanceof Error ? part.stack : JSON.stringify(part, errorsAsText))).join(" ");
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
