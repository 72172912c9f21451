import type { Link as ClientLink, LinkListener as ClientListener, Transport } from "../../src/client/transport/transport.js";
import type { Journal } from "./journal.js";
import type { Random } from "./random.js";
import type { Scope } from "./scope.js";
import { type Door, SimulatedLink } from "./simulated-link.js";

/** How often a client tries the node that it had before, where there are others. */
const faithfulness = 0.5;

/** The network between all clients and all nodes. Each client has one way to it, which may be closed for a time. */
export class Network {
  /** The doors of the nodes that are up. */
  readonly doors = new Map<string, Door>();
  readonly #nodes: readonly string[];
  readonly #scope: Scope;
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #links = new Set<SimulatedLink>();
  readonly #closedWays = new Map<string, "refuses" | "swallows">();
  /** Which node a client tried last. */
  readonly #tried = new Map<string, string>();

  constructor(nodes: readonly string[], scope: Scope, random: Random, journal: Journal) {
    this.#nodes = nodes;
    this.#scope = scope;
    this.#random = random;
    this.#journal = journal;
  }

  /** A way of a client to some node. */
  transport(owner: string): Transport {
    return { open: (listener) => this.#open(owner, listener) };
  }

  /** The links of a client that are not over for both sides. */
  linksOf(owner: string): SimulatedLink[] {
    return [...this.#links].filter((link) => link.owner === owner);
  }

  get links(): ReadonlySet<SimulatedLink> {
    return this.#links;
  }

  /** Closes the way of a client: new links are refused, or nothing ever comes back. */
  closeWay(owner: string, how: "refuses" | "swallows"): void {
    this.#closedWays.set(owner, how);
  }

  openWay(owner: string): void {
    this.#closedWays.delete(owner);
  }

  /** A node's process is gone; clients see their links break, or nothing. */
  nodeDies(node: string, told: boolean): void {
    this.doors.delete(node);
    for (const link of this.#links) if (link.node === node) link.cut({ client: told, server: false });
  }

  #open(owner: string, listener: ClientListener): ClientLink {
    const way = this.#closedWays.get(owner);
    const node = this.#nodeFor(owner);
    const link = new SimulatedLink({
      owner,
      node,
      listener,
      scope: this.#scope,
      random: this.#random,
      journal: this.#journal,
      door: () => (way === "refuses" ? undefined : this.doors.get(node)),
      onOver: () => this.#links.delete(link),
    });
    this.#links.add(link);
    if (way === "swallows") link.swallow("both");
    return link.clientEnd;
  }

  /** The node that a client tries next: the one before, or any other, whether it is up or not. */
  #nodeFor(owner: string): string {
    const [only] = this.#nodes;
    if (only !== undefined && this.#nodes.length === 1) return only;
    const before = this.#tried.get(owner);
    const node = before !== undefined && this.#random.chance(faithfulness) ? before : this.#random.pick(this.#nodes);
    this.#tried.set(owner, node);
    return node;
  }
}
