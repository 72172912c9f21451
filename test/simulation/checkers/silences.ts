import { type Entry, userOf } from "../journal.js";

interface Silence {
  readonly from: number;
  readonly to: number;
}

/** When the server has heard of each user, whatever the link: what presence depends on. */
export class Silences {
  readonly #lastHeard = new Map<string, number>();
  readonly #long = new Map<string, Silence[]>();
  readonly #longMs: number;

  /** Silences of at least `longMs` milliseconds are remembered. */
  constructor(longMs: number) {
    this.#longMs = longMs;
  }

  take({ at, who, what }: Entry): void {
    if (what.kind !== "reached") return;
    const user = userOf(who);
    const from = this.lastHeard(user);
    if (at - from >= this.#longMs) this.#long.set(user, [...(this.#long.get(user) ?? []), { from, to: at }]);
    this.#lastHeard.set(user, at);
  }

  /** When the server heard of the user last. -Infinity for never. */
  lastHeard(user: string): number {
    return this.#lastHeard.get(user) ?? Number.NEGATIVE_INFINITY;
  }

  /** True if a long silence of the user touches a span of time. */
  anyWithin(user: string, from: number, to: number): boolean {
    if (to - this.lastHeard(user) >= this.#longMs) return true;
    return (this.#long.get(user) ?? []).some((silence) => silence.from <= to && silence.to >= from);
  }
}
