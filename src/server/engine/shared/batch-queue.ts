export interface BatchQueueOptions<Item, Result> {
  /** What goes in one call: so many items, or so many bytes unless one item has more. */
  readonly batch: { readonly items: number; readonly bytes: number };
  readonly sizeOf: (item: Item) => number;
  /** Makes one call for a batch, and gives what each item's caller gets: a result, or the error with which it is rejected. */
  readonly call: (batch: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  /** Resolves when the next call may be made; one that is full does not wait for it. By default none does. */
  readonly pace?: () => Promise<void>;
  /** Called when nothing waits any more. */
  readonly idle: () => void;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (failure: Error) => void;
}

/**
 * Makes one call at a time, with all that has come together meanwhile; so the order is kept whatever happens to a call, and the
 * busier a node is the less an item costs.
 */
export class BatchQueue<Item, Result> {
  readonly #waiting: Waiting<Item, Result>[] = [];
  #bytes = 0;
  #calling = false;

  constructor(private readonly options: BatchQueueOptions<Item, Result>) {}

  /** The number of items that wait, without those that are under way. */
  get items(): number {
    return this.#waiting.length;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#bytes += this.options.sizeOf(item);
      if (!this.#calling) void this.#callAll();
    });
  }

  async #callAll(): Promise<void> {
    const { pace, idle } = this.options;
    this.#calling = true;
    // What comes in the same step goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#callFor(this.#take());
      if (pace !== undefined && !this.#fillsBatch) await pace();
    }
    this.#calling = false;
    idle();
  }

  get #fillsBatch(): boolean {
    const { items, bytes } = this.options.batch;
    return this.#waiting.length >= items || this.#bytes >= bytes;
  }

  #take(): Waiting<Item, Result>[] {
    const { batch, sizeOf } = this.options;
    let count = 0;
    let bytes = 0;
    for (const { item } of this.#waiting) {
      const size = sizeOf(item);
      if (count === batch.items || (count > 0 && bytes + size > batch.bytes)) break;
      count += 1;
      bytes += size;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #callFor(waiting: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.call(waiting.map(({ item }) => item));
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const result = results[index] as Result | Error;
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (failure) {
      for (const { reject } of waiting) reject(failure as Error);
    }
  }
}
