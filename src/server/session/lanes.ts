interface Lane {
  /** When all tasks have let the next one begin. */
  readonly begun: Promise<unknown>;
  /** When all tasks have ended, well or not. */
  readonly ended: Promise<unknown>;
}

/** Runs tasks with the same key one after another, and tasks with different keys side by side. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  /** Runs a task when all earlier ones with its key have ended, well or not. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const lane = this.lanes.get(key);
    const result = lane === undefined ? task() : lane.ended.then(task);
    this.extend(key, result, result);
    return result;
  }

  /** Runs a task when each earlier one with its key has ended, or is of this kind and has called `begun`. */
  overlap<T>(key: string, task: (begun: () => void) => Promise<T>): Promise<T> {
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const start = () => task(begin);
    const lane = this.lanes.get(key);
    const result = lane === undefined ? start() : lane.begun.then(start);
    this.extend(key, Promise.race([begun, result]), result);
    return result;
  }

  private extend(key: string, begun: Promise<unknown>, ended: Promise<unknown>): void {
    const earlier = this.lanes.get(key);
    const lane = { begun: begun.catch(() => {}), ended: Promise.allSettled([earlier?.ended, ended]) };
    this.lanes.set(key, lane);
    void lane.ended.then(() => {
      if (this.lanes.get(key) === lane) this.lanes.delete(key);
    });
  }
}
