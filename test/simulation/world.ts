import { ConnectionState } from "../../gen/aldis/v1/connection.js";
import type { Clock } from "../../src/client/runtime.js";
import { createManualRuntime, type ManualRuntime } from "../support/manual-runtime.js";
import { answerInvitation } from "./actions/invite.js";
import { noteBeliefs } from "./beliefs.js";
import { SimulatedClient } from "./client.js";
import { type ClusterPlan, clusterPlanFrom } from "./cluster-plan.js";
import type { Fault } from "./faults/fault.js";
import { Hostile } from "./hostile.js";
import { Journal } from "./journal.js";
import { sayLastWords } from "./last-words.js";
import { measure } from "./measure.js";
import { Network } from "./network.js";
import { type Plan, planFrom, type Weighted } from "./plan.js";
import { Random } from "./random.js";
import type { Scene } from "./scene.js";
import { Scope } from "./scope.js";
import { SimulatedServer } from "./server.js";
import { CommonEngine, OwnEngine, type SimulatedEngine } from "./simulated-engine.js";
import { Stranger } from "./stranger.js";
import { troubles } from "./trouble.js";

const userNames = ["ann", "bob", "cat", "dan", "eve", "fay", "gus"];

/** The time after the last fault in which everything must come to rest, in milliseconds: above all windows of the protocol. */
const quietMs = 135_000;

/** The time in which the memory of clients that have logged out is freed, in milliseconds. */
const closingMs = 5_000;

const measureEveryMs = 1_000;

/** Everything that takes part in one run. */
export class World implements Scene {
  readonly random: Random;
  readonly journal: Journal;
  readonly network: Network;
  readonly engine: SimulatedEngine;
  readonly servers: readonly SimulatedServer[];
  readonly clients: readonly SimulatedClient[];
  readonly hostiles: readonly Hostile[];
  readonly users: readonly string[];
  readonly channels: readonly string[];
  readonly faultCounts: Record<string, number> = {};
  readonly #plan: Plan;
  readonly #clusterPlan: ClusterPlan;
  readonly #runtime: ManualRuntime;
  readonly #scope: Scope;
  #phase: Scene["phase"] = "active";

  /** `nodes` fixes the number of nodes; otherwise the seed does. */
  constructor(seed: number, nodes: number | undefined) {
    this.random = new Random(seed);
    this.#plan = planFrom(this.random.fork());
    // From another source: a run with one node is the same whether the seed decided that or somebody did.
    const clusterRandom = new Random(~seed);
    this.#clusterPlan = clusterPlanFrom(clusterRandom, nodes);
    const { users, clients, channels, hostiles, limits, keepsStore } = this.#plan;
    this.#runtime = createManualRuntime({ seed });
    this.#runtime.workload = this.#plan.workload;
    this.#scope = this.#newScope();
    this.journal = new Journal(() => this.#runtime.clock.monotonic());
    const names = Array.from({ length: this.#clusterPlan.nodes }, (_, i) => `node${i + 1}`);
    this.network = new Network(names, this.#scope, this.random.fork(), this.journal);
    const [random, runtime] = [this.random.fork(), this.#runtime];
    this.engine =
      names.length === 1
        ? new OwnEngine(runtime.clock, limits, keepsStore)
        : new CommonEngine(runtime.clock, limits, clusterRandom, this.#clusterPlan.engineLatencies);
    const { network, engine, journal } = this;
    this.servers = names.map((name) => new SimulatedServer({ name, runtime, random, network, engine, journal, limits }));
    this.users = userNames.slice(0, users);
    this.channels = Array.from({ length: channels }, (_, i) => `room${i + 1}`);
    this.clients = Array.from({ length: clients }, (_, i) => this.#newClient(i));
    this.hostiles = Array.from({ length: hostiles }, (_, i) => new Hostile(`mallory${i}.1`, this));
  }

  get clock(): Clock {
    return this.#scope.clock;
  }

  get phase(): Scene["phase"] {
    return this.#phase;
  }

  readonly later = (ms: number, task: () => void): void => {
    this.#scope.clock.after(ms, task);
  };

  /** Runs from the first login to the last logout. */
  async run(): Promise<void> {
    for (const server of this.servers) void server.start();
    await this.#runtime.settle();
    for (const client of this.clients) this.#act(client);
    for (const hostile of this.hostiles) hostile.act();
    new Stranger(this).act();
    this.#breakThings();
    this.#scope.clock.every(measureEveryMs, () => this.#measure());
    await this.#runtime.advanceAsync(this.#plan.activeMs);
    // Drawn as late as this, it changes nothing of what a seed has meant before.
    if (this.servers.length > 1 && this.random.chance(0.5)) sayLastWords(this);
    this.#phase = "quiet";
    await this.#comeToRest();
    for (const client of this.clients) void client.app.close();
    await this.#runtime.advanceAsync(closingMs);
    this.#phase = "closed";
    this.#measure();
  }

  async #comeToRest(): Promise<void> {
    for (const { name } of this.clients) this.network.openWay(name);
    for (const link of this.network.links) link.resume();
    for (const hostile of this.hostiles) hostile.leave();
    for (const server of this.servers) for (const trouble of troubles) server.recover(trouble);
    await this.#runtime.advanceAsync(1_000);
    for (const server of this.servers) void server.start();
    await this.#runtime.advanceAsync(quietMs);
    this.#measure();
    await noteBeliefs(this);
    this.journal.note("server", { kind: "quiet" });
  }

  #newScope(): Scope {
    return new Scope(this.#runtime.clock, this.random.fork());
  }

  #newClient(index: number): SimulatedClient {
    const name = `${this.users[index % this.users.length]}.${Math.floor(index / this.users.length) + 1}`;
    const { network, journal, channels } = this;
    const { tokenMs, usersWithSessionAttributes } = this.#plan;
    return new SimulatedClient({
      name,
      attributesEndWithSession: index % this.users.length < usersWithSessionAttributes,
      scope: this.#newScope(),
      random: this.random.fork(),
      network,
      journal,
      channels,
      tokenMs,
      later: this.later,
      answerInvitation,
    });
  }

  #act(client: SimulatedClient): void {
    const { random } = client;
    this.later(1 + random.next() * 2 * this.#plan.actionEveryMs, () => {
      if (this.#phase !== "active") return;
      if (client.app.state === ConnectionState.DISCONNECTED) this.#login(client);
      else if (client.app.state === ConnectionState.ABORTED) void client.app.logout();
      else random.pickWeighted(this.#plan.actions)?.value.run(client, this);
      this.#act(client);
    });
  }

  #login(client: SimulatedClient): void {
    if (!client.random.chance(0.3)) void client.logIn();
  }

  get #faults(): readonly Weighted<Fault>[] {
    const { faults } = this.#plan;
    return this.servers.length === 1 ? faults : [...faults, ...this.#clusterPlan.faults];
  }

  #breakThings(): void {
    const { faultEveryMs } = this.#plan;
    this.later(1 + this.random.next() * 2 * faultEveryMs, () => {
      if (this.#phase !== "active") return;
      const fault = this.random.pickWeighted(this.#faults)?.value;
      const about = fault?.strike(this);
      if (fault !== undefined && about !== undefined) {
        this.faultCounts[fault.name] = (this.faultCounts[fault.name] ?? 0) + 1;
        this.journal.note(about, { kind: "fault", fault: fault.name, about });
      }
      this.#breakThings();
    });
  }

  #measure(): void {
    this.journal.note("server", { kind: "measured", measurement: measure(this, this.#plan.limits) });
  }
}
