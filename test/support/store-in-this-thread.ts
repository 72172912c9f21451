import type { Disk } from "../../src/server/engine/store/disk.js";
import type { StoreObserver, StoreThread } from "../../src/server/engine/store/group-commit.js";
import { openStore, type StoreOptions } from "../../src/server/engine/store/open-store.js";

let ids = 0;

/** A disk of this machine with room for everything. */
const roomyDisk: Disk = { freeBytes: () => 2 ** 40, fileSystem: () => undefined };

/** Opens a store without a thread: everything is as on disk, and a test waits for nothing but promises. */
export async function storeInThisThread(options: StoreOptions, disk = roomyDisk): Promise<StoreThread> {
  const { store, close } = openStore(options, { newId: () => `id${++ids}`, disk });
  return { run: async (batch) => structuredClone(store.run(structuredClone(batch))), close: async () => close() };
}

/** What hears of a store that has room and does not fail: otherwise the test fails. */
export const healthyStore: StoreObserver = {
  onBatch() {},
  onHealth(_, sentence) {
    throw new Error(sentence);
  },
};
