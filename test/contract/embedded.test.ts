import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import { MemoryNodeDirectory } from "../../src/server/engine/embedded/memory-node-directory.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { describeAttributeStore } from "./attribute-store.contract.js";
import { describeBanList } from "./ban-list.contract.js";
import { describeBus } from "./bus.contract.js";
import { describeChannelDirectory } from "./channel-directory.contract.js";
import { describeChannelLog } from "./channel-log.contract.js";
import { describeInbox } from "./inbox.contract.js";
import { describeInvitationStore } from "./invitation-store.contract.js";
import { describeNodeDirectory } from "./node-directory.contract.js";
import { describeRateCounters } from "./rate-counters.contract.js";
import { describeRetryMemory } from "./retry-memory.contract.js";
import { describeRevocationList } from "./revocation-list.contract.js";
import { describeSessionDirectory } from "./session-directory.contract.js";

const makeEngine = async (limits: Limits) => {
  const runtime = createManualRuntime();
  return {
    clock: runtime.clock,
    engine: createEmbeddedEngine({ runtime, limits }),
    now: runtime.clock.now,
    advance: async (ms: number) => runtime.advance(ms),
  };
};

const suites = [
  describeAttributeStore,
  describeBanList,
  describeBus,
  describeChannelDirectory,
  describeChannelLog,
  describeInbox,
  describeInvitationStore,
  describeNodeDirectory,
  describeRateCounters,
  describeRetryMemory,
  describeRevocationList,
  describeSessionDirectory,
];
for (const describeSuite of suites) describeSuite("embedded", makeEngine);

describeNodeDirectory("in memory with leases", async (limits) => {
  const opened = await makeEngine(limits);
  return { ...opened, engine: { ...opened.engine, nodes: new MemoryNodeDirectory({ clock: opened.clock, leaseMs: 30_000 }) } };
});
