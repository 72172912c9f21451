import type { Link as ClientLink, LinkListener as ClientListener, Transport } from "../../src/client/transport/transport.js";
import type { Accept } from "../../src/server/edge/door.js";
import type { Journal } from "./journal.js";
import type { Random } from "./random.js";
import type { Scope } from "./scope.js";
import { SimulatedLink } from "./simulated-link.js";

/** The network between all clients and the server. Each client has one way to it, which may be closed for a time. */
export class Network {
  /** The door of the server. Undefined while it is down. */
  accept: Accept | undefined;
  readonly #scope: Scope;
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #links = new Set<SimulatedLink>();
  readonly #closedWays = new Map<string, "refuses" | "swallows">();

  constructor(scope: Scope, random: Random, journal: Journal) {
    this.#scope = scope;
    this.#random = random;
    this.#journal = journal;
  }

  /** A way of a client to the server. */
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

  /** The server's machine is gone; clients see their links break, or nothing. */
  serverDies(told: boolean): void {
    this.accept = undefined;
    for (const link of this.#links) link.cut({ client: told, server: false });
  }

  #open(owner: string, listener: ClientListener): ClientLink {
    const way = this.#closedWays.get(owner);
    const link = new SimulatedLink({
      owner,
      listener,
      scope: this.#scope,
      random: this.#random,
      journal: this.#journal,
      door: () => (way === "refuses" ? undefined : this.accept),
      onOver: () => this.#links.delete(link),
    });
    this.#links.add(link);
    if (way === "swallows") link.swallow("both");
    return link.clientEnd;
  }
}
