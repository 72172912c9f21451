import type { Clock, Timer } from "../runtime.js";

/** How often the load is sampled, in milliseconds. */
const sampleMs = 250;

/** About what one write to a link costs, in milliseconds of the event loop: nearly the same for one event as for a batch. */
const writeMs = 0.015;

/** The node is busy from the first load on until its load falls below the second. */
const [busyFrom, busyUntil] = [0.4, 0.3];

/**
 * How much of the event loop's time the node uses, and whether channel traffic had better be batched. That depends on the load
 * as it would be without batching: otherwise a node that batches would no longer look busy, and a lonely channel on a node that
 * is busy with other things would wait for nothing.
 */
export class LoadMeter {
  /** The share of the last sample in which the event loop was at work, from 0 to 1. */
  utilization = 0;
  busy = false;
  private timer: Timer | undefined;
  private sampledAtMs = 0;
  private workBeforeMs = 0;
  private savedWrites = 0;

  constructor(private readonly clock: Clock) {}

  start(): void {
    this.sampledAtMs = this.clock.monotonic();
    this.workBeforeMs = this.clock.work();
    this.timer = this.clock.every(sampleMs, () => this.sample());
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Events were written in one batch. */
  onBatch(events: number): void {
    if (events > 1) this.savedWrites += events - 1;
  }

  private sample(): void {
    const [nowMs, workMs] = [this.clock.monotonic(), this.clock.work()];
    const elapsedMs = nowMs - this.sampledAtMs;
    this.utilization = Math.min(1, (workMs - this.workBeforeMs) / elapsedMs);
    const unbatched = this.utilization + (this.savedWrites * writeMs) / elapsedMs;
    this.busy = unbatched >= (this.busy ? busyUntil : busyFrom);
    [this.sampledAtMs, this.workBeforeMs, this.savedWrites] = [nowMs, workMs, 0];
  }
}
