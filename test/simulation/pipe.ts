import type { Clock } from "../../src/client/runtime.js";
import type { Random } from "./random.js";

/** How long a network takes, in milliseconds. */
export interface Latency {
  readonly least: number;
  readonly most: number;
}

/** What arrives, and what is done if it never does. */
interface Parcel {
  readonly arrive: () => void;
  readonly lose: () => void;
}

/** One direction of a link: what is put in comes out later, in order, unless the link breaks or swallows it. */
export class Pipe {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #latency: Latency;
  /** What has come to the end while its reader did not read. Undefined while it reads. */
  #waiting: Parcel[] | undefined;
  readonly #underWay = new Set<Parcel>();
  #lastArrival = 0;
  #broken = false;
  swallows = false;

  constructor(clock: Clock, random: Random, latency: Latency) {
    this.#clock = clock;
    this.#random = random;
    this.#latency = latency;
  }

  /** True while the reader does not read. */
  get stalls(): boolean {
    return this.#waiting !== undefined;
  }

  /** Carries something to the other end. */
  carry(arrive: () => void, lose: () => void = () => {}): void {
    if (this.#broken || this.swallows) return lose();
    const parcel = { arrive, lose };
    const now = this.#clock.monotonic();
    this.#lastArrival = Math.max(this.#lastArrival, now + this.#random.between(this.#latency.least, this.#latency.most));
    this.#underWay.add(parcel);
    this.#clock.after(this.#lastArrival - now, () => this.#deliver(parcel));
  }

  /** The reader stops reading. */
  stall(): void {
    this.#waiting ??= [];
  }

  /** The reader goes on. */
  resume(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const parcel of waiting) this.#deliver(parcel);
  }

  /** What is under way is lost, and whatever comes later. */
  break(): void {
    this.#broken = true;
    const lost = [...this.#underWay];
    this.#underWay.clear();
    for (const parcel of lost) parcel.lose();
  }

  #deliver(parcel: Parcel): void {
    if (!this.#underWay.has(parcel)) return;
    if (this.#waiting !== undefined) {
      this.#waiting.push(parcel);
      return;
    }
    this.#underWay.delete(parcel);
    parcel.arrive();
  }
}
