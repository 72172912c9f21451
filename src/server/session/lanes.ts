/** Runs tasks with the same key one after another, and tasks with different keys side by side. */
export class Lanes {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Runs a task when all earlier ones with its key have ended, well or not. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const tail = this.tails.get(key);
    const result = tail === undefined ? task() : tail.then(task, task);
    this.tails.set(key, result);
    const release = () => {
      if (this.tails.get(key) === result) this.tails.delete(key);
    };
    result.then(release, release);
    return result;
  }
}
