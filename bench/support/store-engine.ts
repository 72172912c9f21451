import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { createDurableEngine } from "../../src/server/engine/store/durable-engine.js";
import { systemRuntime } from "../../src/server/runtime.js";

/** The engine of a server with default settings on a data directory. */
export function openStoreEngine(dataDir: string): Promise<Engine> {
  const observer = {
    onBatch() {},
    onHealth(_: unknown, sentence: string) {
      throw new Error(sentence);
    },
  };
  return createDurableEngine({ runtime: systemRuntime, limits: defaultLimits, dataDir, observer });
}
