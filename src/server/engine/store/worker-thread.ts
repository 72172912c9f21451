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
  const gone = new Promise<never>((_, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread of the store has ended")));
  });
  // Whoever runs a batch hears of it; nobody else has to.
  gone.catch(() => {});
  return {
    async run(batch: readonly StoreCall[]) {
      worker.postMessage(batch);
      const [answer] = await Promise.race([once(worker, "message"), gone]);
      return answer as BatchAnswer;
    },
    async close() {
      worker.postMessage("close");
      await gone.catch(() => {});
    },
  };
}

/** From the sources, as in tests, the thread needs what turns TypeScript into JavaScript: threads do not inherit it. */
function startWorker(workerData: StoreOptions): Worker {
  const script = new URL("./worker.js", import.meta.url);
  if (!import.meta.url.endsWith(".ts")) return new Worker(script, { workerData });
  const loader = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(script.href)}); });`;
  return new Worker(loader, { eval: true, workerData });
}
