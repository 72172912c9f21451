import { setFlagsFromString } from "node:v8";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Clock, Timer } from "./runtime.js";

/** How often the memory is looked at, in milliseconds. */
const lookEveryMs = 1000;

/** The heap is kept small from the first share of `LIMIT_MEMORY_BYTES` on, until the process has less than the second. */
const [thriftyFrom, thriftyUntil] = [0.75, 0.6];

/** By how much the heap may outgrow what lives in it until it is collected, in percent. 0 leaves it to V8, which goes up to 300. */
const [thriftyPercent, easyPercent] = [50, 0];

export interface HeapGrowthOptions {
  readonly clock: Clock;
  readonly limits: Pick<Limits, "memoryBytes">;
  /** The memory of the process that is in RAM, in bytes. */
  readonly residentBytes: () => number;
  /** Tells V8 how much the heap may grow; by default that of this process. */
  readonly setPercent?: (percent: number) => void;
}

/**
 * How soon V8 collects garbage. By itself it lets a busy heap grow to several times what lives in it, which is cheap while there is
 * room; but then a node would reach its ceiling of memory, and let nobody new in, for garbage.
 */
export class HeapGrowth {
  private isThrifty = false;
  private timer: Timer | undefined;

  constructor(private readonly options: HeapGrowthOptions) {}

  start(): void {
    this.timer = this.options.clock.every(lookEveryMs, () => this.look());
  }

  stop(): void {
    this.timer?.cancel();
  }

  private look(): void {
    const { limits, residentBytes, setPercent = setHeapGrowth } = this.options;
    const isThrifty = residentBytes() >= limits.memoryBytes * (this.isThrifty ? thriftyUntil : thriftyFrom);
    if (isThrifty === this.isThrifty) return;
    this.isThrifty = isThrifty;
    setPercent(isThrifty ? thriftyPercent : easyPercent);
  }
}

function setHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
