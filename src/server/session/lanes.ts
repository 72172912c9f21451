import { attempt } from "../attempt.js";

interface Task {
  /** True for one that may start while others of its kind, which have let it, go on. */
  readonly overlaps: boolean;
  start(): void;
}

/** Runs tasks with the same key one after another, and tasks with different keys side by side. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  /** Runs a task when all earlier ones with its key have ended, well or not. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    return this.laneOf(key).add(task, { overlaps: false });
  }

  /** Runs a task when each earlier one with its key has ended, or is of this kind and has called `begun`. */
  overlap<T>(key: string, task: (begun: () => void) => Promise<T>): Promise<T> {
    return this.laneOf(key).add(task, { overlaps: true });
  }

  private laneOf(key: string): Lane {
    const known = this.lanes.get(key);
    if (known !== undefined) return known;
    const lane = new Lane(() => this.lanes.delete(key));
    this.lanes.set(key, lane);
    return lane;
  }
}

/** The tasks of one key: those that wait, in order, and how many of the others keep them waiting. */
class Lane {
  private readonly waiting: Task[] = [];
  /** Tasks that have started and not ended. */
  private running = 0;
  /** Those of them that have not let the next one start. */
  private blocking = 0;

  constructor(private readonly onEmpty: () => void) {}

  add<T>(task: (begun: () => void) => Promise<T>, { overlaps }: { overlaps: boolean }): Promise<T> {
    if (this.waiting.length === 0 && this.isFree(overlaps)) return this.start(task);
    return new Promise((resolve, reject) => {
      this.waiting.push({ overlaps, start: () => this.start(task).then(resolve, reject) });
    });
  }

  private start<T>(task: (begun: () => void) => Promise<T>): Promise<T> {
    this.running += 1;
    this.blocking += 1;
    let hasBegun = false;
    const begun = () => {
      if (hasBegun) return;
      hasBegun = true;
      this.blocking -= 1;
      this.startNext();
    };
    const ended = () => {
      this.running -= 1;
      begun();
      this.startNext();
    };
    const run = attempt(() => task(begun));
    run.then(ended, ended);
    return run;
  }

  private startNext(): void {
    const next = this.waiting[0];
    if (next === undefined) {
      if (this.running === 0) this.onEmpty();
    } else if (this.isFree(next.overlaps)) {
      this.waiting.shift();
      next.start();
    }
  }

  private isFree(overlaps: boolean): boolean {
    return (overlaps ? this.blocking : this.running) === 0;
  }
}
