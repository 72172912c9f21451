import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createDurableEngine } from "../../src/server/engine/store/durable-engine.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { storeInThisThread } from "../support/store-in-this-thread.js";
import { describeAttributeStore } from "./attribute-store.contract.js";
import { describeBanList } from "./ban-list.contract.js";
import { describeBus } from "./bus.contract.js";
import { describeChannelDirectory } from "./channel-directory.contract.js";
import { describeChannelLog } from "./channel-log.contract.js";
import type { MakeEngine } from "./engine-under-test.js";
import { describeInbox } from "./inbox.contract.js";
import { describeInvitationStore } from "./invitation-store.contract.js";
import { describeNodeDirectory } from "./node-directory.contract.js";
import { describeRateCounters } from "./rate-counters.contract.js";
import { describeRetryMemory } from "./retry-memory.contract.js";
import { describeRevocationList } from "./revocation-list.contract.js";
import { describeSessionDirectory } from "./session-directory.contract.js";

const makeEngine: MakeEngine = async (limits) => {
  const runtime = createManualRuntime();
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-contract-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const report = (failure: unknown) => {
    throw failure;
  };
  return {
    engine: await createDurableEngine({ runtime, limits, dataDir, report, start: storeInThisThread }),
    now: runtime.clock.now,
    advance: async (ms) => {
      runtime.advance(ms);
      await runtime.settle();
    },
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
for (const describeSuite of suites) describeSuite("durable", makeEngine);
