// The thread of the store: the only one that waits for the disk.
import { parentPort, workerData } from "node:worker_threads";
import { randomId, systemRuntime } from "../../runtime.js";
import type { StoreCall } from "./calls.js";
import { systemDisk } from "./disk.js";
import { type OpenStore, openStore, type StoreOptions } from "./open-store.js";
import { StoreRefused } from "./store-refused.js";

/** What the thread says first: it is open, or why not. */
export type Opening = { readonly refusal?: string };

function open(): OpenStore | undefined {
  try {
    const opened = openStore(workerData as StoreOptions, { newId: () => randomId(systemRuntime), disk: systemDisk });
    parentPort?.postMessage({} satisfies Opening);
    return opened;
  } catch (failure) {
    if (!(failure instanceof StoreRefused)) throw failure;
    parentPort?.postMessage({ refusal: failure.message } satisfies Opening);
    return undefined;
  }
}

const opened = open();
parentPort?.on("message", (message: readonly StoreCall[] | "close") => {
  if (message !== "close") {
    parentPort?.postMessage(opened?.store.run(message));
    return;
  }
  opened?.close();
  parentPort?.close();
});
