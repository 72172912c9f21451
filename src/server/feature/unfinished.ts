import { EngineUnavailable } from "../engine/ports/unavailable.js";
import type { Clock, Timer } from "../runtime.js";

/** How often what is unfinished is tried again, in milliseconds, and how many tasks at once. */
const tickMs = 1000;
const triedAtOnce = 64;

/** How long the end waits for what is under way, in milliseconds. */
const closeMs = 1000;

/** The most tasks that wait: about one for each session of a large node and each of its channels. */
const tasksMax = 200_000;

/**
 * What has to be done for others although the engine cannot serve now: the rest of what has begun. It is tried again until it
 * succeeds. A task may run several times, and must do no harm then.
 */
export class Unfinished {
  private tasks: (() => Promise<unknown>)[] = [];
  /** What is under way. */
  private readonly open = new Set<Promise<unknown>>();
  private timer: Timer | undefined;
  private busy = false;

  constructor(
    private readonly clock: Clock,
    private readonly report: (failure: unknown) => void,
  ) {}

  /** How many tasks wait. */
  get size(): number {
    return this.tasks.length;
  }

  start(): void {
    this.timer = this.clock.every(tickMs, () => {
      if (this.tasks.length > 0) this.tryAgain().catch(this.report);
    });
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Waits a moment for what is under way. True if nothing is left to be done. */
  async close(): Promise<boolean> {
    if (this.open.size > 0) {
      let patience: Timer | undefined;
      const waited = new Promise<void>((resolve) => {
        patience = this.clock.after(closeMs, resolve);
      });
      await Promise.race([Promise.allSettled(this.open), waited]);
      patience?.cancel();
    }
    return this.open.size + this.tasks.length === 0;
  }

  /** Runs a task, now or later. Resolves after the first try; rejects only for a fault of the server. */
  run(task: () => Promise<unknown>): Promise<void> {
    return this.track(this.try(task));
  }

  /** Notes that something is under way that runs tasks, and is not done before it has settled. */
  track<T>(work: Promise<T>): Promise<T> {
    const done = () => this.open.delete(work);
    this.open.add(work);
    work.then(done, done);
    return work;
  }

  private async try(task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (failure) {
      if (!(failure instanceof EngineUnavailable)) throw failure;
      if (this.tasks.length < tasksMax) this.tasks.push(task);
      else this.report(new Error("too much is unfinished because the engine cannot serve: something is given up"));
    }
  }

  private async tryAgain(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      // One turn: what fails again waits for the next tick.
      for (let left = this.tasks.length; left > 0; left -= triedAtOnce) {
        const before = this.tasks.length;
        const some = this.tasks.splice(0, Math.min(left, triedAtOnce));
        await Promise.all(some.map((task) => this.run(task).catch(this.report)));
        if (this.tasks.length >= before) return;
      }
    } finally {
      this.busy = false;
    }
  }
}
