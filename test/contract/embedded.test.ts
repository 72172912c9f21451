import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import { MemoryNodeDirectory } from "../../src/server/engine/embedded/memory-node-directory.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { describeAppendOnce } from "./channel-log.contract.js";
import { describeEngine } from "./engine.contract.js";
import { describeNodeDirectory } from "./node-directory.contract.js";

const makeEngine = async (limits: Limits) => {
  const runtime = createManualRuntime();
  return {
    clock: runtime.clock,
    engine: createEmbeddedEngine({ runtime, limits }),
    now: runtime.clock.now,
    advance: async (ms: number) => runtime.advance(ms),
  };
};

describeEngine("embedded", makeEngine);
// Simulated nodes share it.
describeAppendOnce("embedded", makeEngine);

describeNodeDirectory("in memory with leases", async (limits) => {
  const opened = await makeEngine(limits);
  return { ...opened, engine: { ...opened.engine, nodes: new MemoryNodeDirectory({ clock: opened.clock, leaseMs: 30_000 }) } };
});
