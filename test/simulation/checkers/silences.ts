import { type Entry, userOf } from "../journal.js";
import { Nodes } from "./nodes.js";

interface Silence {
  readonly from: number;
  readonly to: number;
}

/**
 * When the nodes have heard of each user, whatever the link: what presence depends on. While a node is cut off from the engine,
 * or stands still, its lease runs out, and others hear of its users no more than of it: what it hears does not count. Where nobody
 * can reach the engine no lease ends, so what nodes hear meanwhile counts when they are back.
 */
export class Silences {
  readonly nodes = new Nodes();
  readonly #lastHeard = new Map<string, number>();
  /** What counts when the user is heard of again: when its node heard it while the engine was away. */
  readonly #heardMeanwhile = new Map<string, number>();
  readonly #long = new Map<string, Silence[]>();
  readonly #longMs: number;

  /** Silences of at least `longMs` milliseconds are remembered. */
  constructor(longMs: number) {
    this.#longMs = longMs;
  }

  take(entry: Entry): void {
    const { at, who, what } = entry;
    this.nodes.take(entry);
    if (what.kind !== "reached") return;
    const user = userOf(who);
    if (this.nodes.isWell(what.node)) this.#hear(user, at);
    else if (this.nodes.isOnlyAway(what.node)) this.#hearMeanwhile(user, at);
  }

  /** When the nodes heard of the user last. -Infinity for never. */
  lastHeard(user: string): number {
    return this.#lastHeard.get(user) ?? Number.NEGATIVE_INFINITY;
  }

  /** True if a long silence of the user touches a span of time. */
  anyWithin(user: string, from: number, to: number): boolean {
    if (to - this.lastHeard(user) >= this.#longMs) return true;
    return (this.#long.get(user) ?? []).some((silence) => silence.from <= to && silence.to >= from);
  }

  #hear(user: string, at: number): void {
    this.#note(user, this.#heardMeanwhile.get(user) ?? this.lastHeard(user), at);
    this.#heardMeanwhile.delete(user);
    this.#lastHeard.set(user, at);
  }

  #hearMeanwhile(user: string, at: number): void {
    this.#note(user, this.#heardMeanwhile.get(user) ?? this.lastHeard(user), at);
    this.#heardMeanwhile.set(user, at);
  }

  #note(user: string, from: number, to: number): void {
    if (to - from >= this.#longMs) this.#long.set(user, [...(this.#long.get(user) ?? []), { from, to }]);
  }
}
