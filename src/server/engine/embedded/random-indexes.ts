import type { Runtime } from "../../runtime.js";

/** The bytes fetched at once: a fetch costs about as much as using a hundred of them. */
const batchBytes = 1024;
const bytesPerDraw = 4;

/** Draws random whole numbers, many for one call of the random source. */
export class RandomIndexes {
  #bytes = Buffer.alloc(0);
  #used = 0;

  constructor(private readonly runtime: Runtime) {}

  /** A number from 0 to `bound` - 1, evenly but for a deviation of `bound` in 2^32. */
  below(bound: number): number {
    if (this.#used === this.#bytes.length) {
      this.#bytes = Buffer.from(this.runtime.randomBytes(batchBytes));
      this.#used = 0;
    }
    const draw = this.#bytes.readUInt32BE(this.#used);
    this.#used += bytesPerDraw;
    return Math.floor((draw / 2 ** 32) * bound);
  }
}
