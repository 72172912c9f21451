import type { StoreThread } from "../../src/server/engine/store/group-commit.js";
import { openStore, type StoreOptions } from "../../src/server/engine/store/open-store.js";

let ids = 0;

/** Opens a store without a thread: everything is as on disk, and a test waits for nothing but promises. */
export async function storeInThisThread(options: StoreOptions): Promise<StoreThread> {
  const { store, close } = openStore(options, () => `id${++ids}`);
  return { run: async (batch) => structuredClone(store.run(structuredClone(batch))), close: async () => close() };
}
