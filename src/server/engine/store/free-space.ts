/** How much more than the least must be free before it counts as enough again, so that the answer does not flicker. */
const recoveryFactor = 1.25;

/** Whether a disk has room, by its free bytes. */
export class FreeSpace {
  #isShort = false;
  #bytes = 0;

  /** With `leastBytes` 0 there is always enough. */
  constructor(
    private readonly leastBytes: number,
    private readonly freeBytes: () => number,
  ) {}

  /** The free bytes at the last look. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Looks at the disk. Gives what is missing, as a sentence for the operator; undefined if there is enough. */
  shortage(): string | undefined {
    this.#bytes = this.freeBytes();
    this.#isShort = this.#bytes < this.leastBytes * (this.#isShort ? recoveryFactor : 1);
    return this.#isShort ? `${this.#bytes} bytes are free on the disk, and ${this.leastBytes} must be` : undefined;
  }
}
