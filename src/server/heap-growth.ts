import { setFlagsFromString } from "node:v8";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Clock, Timer } from "./runtime.js";

/** How often the memory is looked at, in milliseconds. */
const lookEveryMs = 1000;

/** The heap is kept small from the first share of `LIMIT_MEMORY_BYTES` on, until the process has less than the second. */
const [thriftyFrom, thriftyUntil] = [0.75, 0.6];

/**
 * By how much the heap may outgrow what lives in it until all of it is collected, in percent. By itself V8 takes a third to 300, and the less
 * the fewer objects grow old: it spares memory at the cost of marking all that lives again and again.
 */
const [thriftyPercent, easyPercent] = [50, 200];

export interface HeapGrowthOptions {
  readonly clock: Clock;
  readonly limits: Pick<Limits, "memoryBytes">;
  /** The memory of the process that is in RAM, in bytes. */
  readonly residentBytes: () => number;
  /** Tells V8 how much the heap may grow; by default that of this process. */
  readonly setPercent?: (percent: number) => void;
}

/**
 * How soon V8 collects all of the heap. While there is room it may grow to three times what lives in it, so that it is seldom collected; but
 * then a node would reach its ceiling of memory, and let nobody new in, for garbage. So near the ceiling it is collected sooner.
 */
export class HeapGrowth {
  private isThrifty = false;
  private readonly setPercent: (percent: number) => void;
  private timer: Timer | undefined;

  constructor(private readonly options: HeapGrowthOptions) {
    this.setPercent = options.setPercent ?? setHeapGrowth;
  }

  start(): void {
    this.setPercent(easyPercent);
    this.timer = this.options.clock.every(lookEveryMs, () => this.look());
  }

  stop(): void {
    this.timer?.cancel();
  }

  private look(): void {
    const { limits, residentBytes } = this.options;
    const isThrifty = residentBytes() >= limits.memoryBytes * (this.isThrifty ? thriftyUntil : thriftyFrom);
    if (isThrifty === this.isThrifty) return;
    this.isThrifty = isThrifty;
    this.setPercent(isThrifty ? thriftyPercent : easyPercent);
  }
}

function setHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
