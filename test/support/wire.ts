import type { Clock } from "../../src/server/runtime.js";

interface Parcel {
  readonly dueAt: number;
  readonly arrive: () => void;
  readonly lose: () => void;
}

/** One direction of a connection: what is put in comes out in order, at once or after a delay, unless the wire breaks before. */
export class Wire {
  #underWay: Parcel[] = [];
  #held = false;

  constructor(
    private readonly clock: Clock,
    /** How long the next parcel takes, in milliseconds. */
    private readonly delayMs: () => number,
  ) {}

  /** Calls `arrive` at the other end, or `lose` if the wire breaks before. */
  carry(arrive: () => void, lose: () => void = () => {}): void {
    const now = this.clock.monotonic();
    const ms = this.delayMs();
    if (ms === 0 && this.#underWay.length === 0 && !this.#held) return arrive();
    const dueAt = Math.max(now + ms, this.#underWay.at(-1)?.dueAt ?? 0);
    this.#underWay.push({ dueAt, arrive, lose });
    this.clock.after(dueAt - now, () => this.#deliver());
  }

  /** Nobody takes what arrives. */
  hold(): void {
    this.#held = true;
  }

  /** Undoes `hold`. */
  release(): void {
    this.#held = false;
    this.#deliver();
  }

  /** What is under way is lost. */
  break(): void {
    for (const { lose } of this.#underWay.splice(0)) lose();
  }

  #deliver(): void {
    const now = this.clock.monotonic();
    for (let next = this.#underWay[0]; next !== undefined && next.dueAt <= now && !this.#held; next = this.#underWay[0]) {
      this.#underWay.shift();
      next.arrive();
    }
  }
}
