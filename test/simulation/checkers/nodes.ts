import { type Entry, userOf } from "../journal.js";
import type { Trouble } from "../trouble.js";

/** A time in which a node could not reach the engine, or stood still. */
interface Illness {
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
  readonly troubles: Set<Trouble>;
}

interface NodeLife {
  startedAt: number;
  /** Undefined while the process lives. */
  crashedAt: number | undefined;
  readonly ailing: Set<Trouble>;
  readonly illnesses: Illness[];
}

/** How long a node may take to clear what a fallen one has left, in milliseconds; then another one is asked. */
const clearingMs = 8_000;

/** A node that has not renewed its lease for so long cannot say whose lease is over, in milliseconds. */
const brokenMs = 28_000;

/** How the nodes are, and where users are: what others can know of a user depends on it. */
export class Nodes {
  readonly #lives = new Map<string, NodeLife>();
  /** The node that welcomed or heard a client last. */
  readonly #nodes = new Map<string, string>();
  /** The same by user, with the time. Others may see a user from the moment on at which it knocks. */
  readonly #lastHeard = new Map<string, { readonly node: string; readonly at: number }>();

  take({ at, who, what }: Entry): void {
    if (what.kind === "reached") {
      this.#nodes.set(who, what.node);
      this.#lastHeard.set(userOf(who), { node: what.node, at });
    } else if (what.kind === "knocked") {
      this.#lastHeard.set(userOf(who), { node: what.node, at });
    } else if (what.kind === "started") {
      Object.assign(this.#lifeOf(who), { startedAt: at, crashedAt: undefined });
    } else if (what.kind === "crashed") this.#lifeOf(who).crashedAt = at;
    else if (what.kind === "unwell") this.#fallIll(who, what.trouble, at);
    else if (what.kind === "well") this.#recover(who, what.trouble, at);
  }

  /** True if there is but one node, which has the engine within itself. */
  get isLone(): boolean {
    return this.#lives.size < 2;
  }

  /** The clients that a node was the last to hear. */
  clientsOf(node: string): string[] {
    return [...this.#nodes].filter(([, its]) => its === node).map(([client]) => client);
  }

  nodeOf(client: string): string | undefined {
    return this.#nodes.get(client);
  }

  /** True if the node can tell others of its clients. */
  isWell(node: string): boolean {
    return this.#lifeOf(node).ailing.size === 0;
  }

  /** True if nothing ails the node, or has since it was last well, but that nobody can reach the engine: no lease ends by that. */
  isOnlyAway(node: string): boolean {
    const troubles = this.#lifeOf(node).illnesses.at(-1)?.troubles ?? new Set();
    return [...troubles].every((trouble) => trouble === "away");
  }

  /** True if the node was unwell in a span of time. */
  wasUnwell(node: string, from: number, to: number): boolean {
    return this.#lifeOf(node).illnesses.some((illness) => illness.from <= to && illness.to >= from);
  }

  anyUnwell(from: number, to: number): boolean {
    return [...this.#lives.keys()].some((node) => this.wasUnwell(node, from, to));
  }

  /**
   * The moment from which the time counts after which others must see a vanished user offline: its last sign of life, or the
   * last moment at which its node, which is unwell or dead, can have renewed its lease. A node that is well again looks after
   * its users itself, at once: so much of the time is over. Undefined while nobody is fit to see that the node has fallen.
   */
  vanishedAt(user: string, now: number, graceMs: number): number | undefined {
    const heard = this.#lastHeard.get(user);
    if (heard === undefined) return Number.NEGATIVE_INFINITY;
    const { crashedAt, startedAt, illnesses } = this.#lifeOf(heard.node);
    if (this.isLone) return heard.at;
    const isDead = crashedAt !== undefined || startedAt > heard.at;
    const illness = illnesses.at(-1);
    if (isDead) return this.#hasWitness(now) ? Math.max(heard.at, crashedAt ?? startedAt) : undefined;
    if (illness === undefined || illness.to < heard.at) return heard.at;
    if (illness.to === Number.POSITIVE_INFINITY) return this.#hasWitness(now) ? Math.max(heard.at, illness.from) : undefined;
    return Math.max(heard.at, illness.to - graceMs);
  }

  /** True if a node has seen all leases for as long as one lasts, and was not disturbed when it had to clear up. */
  #hasWitness(now: number): boolean {
    const quiet = [...this.#lives.values()].every(({ crashedAt = 0 }) => crashedAt < now - clearingMs);
    if (!quiet || this.anyUnwell(now - clearingMs, now)) return false;
    return [...this.#lives.values()].some(({ startedAt, crashedAt, illnesses }) => {
      if (crashedAt !== undefined || startedAt > now - 2 * brokenMs) return false;
      return illnesses.every(({ from, to }) => to < now - 2 * brokenMs || to - from < brokenMs);
    });
  }

  #lifeOf(node: string): NodeLife {
    const life = this.#lives.get(node) ?? { startedAt: 0, crashedAt: undefined, ailing: new Set(), illnesses: [] };
    this.#lives.set(node, life);
    return life;
  }

  #fallIll(node: string, trouble: Trouble, at: number): void {
    const { ailing, illnesses } = this.#lifeOf(node);
    if (ailing.size === 0) illnesses.push({ from: at, to: Number.POSITIVE_INFINITY, troubles: new Set() });
    ailing.add(trouble);
    illnesses.at(-1)?.troubles.add(trouble);
  }

  #recover(node: string, trouble: Trouble, at: number): void {
    const { ailing, illnesses } = this.#lifeOf(node);
    ailing.delete(trouble);
    const illness = illnesses.at(-1);
    if (ailing.size === 0 && illness !== undefined) illness.to = at;
  }
}
