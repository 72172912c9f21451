import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createDurableEngine } from "../../src/server/engine/store/durable-engine.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { healthyStore, storeInThisThread } from "../support/store-in-this-thread.js";
import { describeEngine } from "./engine.contract.js";
import type { MakeEngine } from "./engine-under-test.js";

const makeEngine: MakeEngine = async (limits) => {
  const runtime = createManualRuntime();
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-contract-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  return {
    engine: await createDurableEngine({ runtime, limits, dataDir, observer: healthyStore, start: storeInThisThread }),
    now: runtime.clock.now,
    advance: async (ms) => {
      runtime.advance(ms);
      await runtime.settle();
    },
  };
};

describeEngine("durable", makeEngine);
