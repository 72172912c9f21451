import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { BatchAnswer, StoreCall } from "./calls.js";
import type { StoreThread } from "./group-commit.js";
import type { StoreOptions } from "./open-store.js";
import { StoreRefused } from "./store-refused.js";
import type { Opening } from "./worker.js";

/** Opens a store in a thread of its own. Rejects with `StoreRefused` if it cannot be had or is not fit for use. */
export async function startThread(options: StoreOptions): Promise<StoreThread> {
  const worker = startWorker(options);
  const [{ refusal }] = (await once(worker, "message")) as [Opening];
  if (refusal !== undefined) {
    await worker.terminate();
    throw new StoreRefused(refusal);
  }
  return new WorkerThread(worker);
}

/** One batch at a time, so there is one at most that waits for an answer. */
class WorkerThread implements StoreThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  /** Why there is no thread any more. */
  #end: Error | undefined;
  // No race of promises: one that never settles would keep the answer of every batch.
  #waiting: { resolve(answer: BatchAnswer): void; reject(failure: Error): void } | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: BatchAnswer) => this.#waiting?.resolve(answer));
    worker.once("error", (failure) => this.#stop(failure));
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#stop(new Error("the thread of the store has ended"));
        resolve();
      });
    });
  }

  run(batch: readonly StoreCall[]): Promise<BatchAnswer> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(batch);
    });
  }

  close(): Promise<void> {
    this.#worker.postMessage("close");
    return this.#exited;
  }

  #stop(failure: Error): void {
    this.#end ??= failure;
    this.#waiting?.reject(this.#end);
  }
}

/** From the sources, as in tests, the thread needs what turns TypeScript into JavaScript: threads do not inherit it. */
function startWorker(workerData: StoreOptions): Worker {
  const script = new URL("./worker.js", import.meta.url);
  if (!import.meta.url.endsWith(".ts")) return new Worker(script, { workerData });
  const loader = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(script.href)}); });`;
  return new Worker(loader, { eval: true, workerData });
}
