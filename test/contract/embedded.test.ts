import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { describeAttributeStore } from "./attribute-store.contract.js";
import { describeBanList } from "./ban-list.contract.js";
import { describeBus } from "./bus.contract.js";
import { describeChannelDirectory } from "./channel-directory.contract.js";
import { describeChannelLog } from "./channel-log.contract.js";
import type { MakeEngine } from "./engine-under-test.js";
import { describeInbox } from "./inbox.contract.js";
import { describeInvitationStore } from "./invitation-store.contract.js";
import { describeRateCounters } from "./rate-counters.contract.js";
import { describeRetryMemory } from "./retry-memory.contract.js";
import { describeRevocationList } from "./revocation-list.contract.js";
import { describeSessionDirectory } from "./session-directory.contract.js";

const makeEngine: MakeEngine = async (limits) => {
  const runtime = createManualRuntime();
  return {
    engine: createEmbeddedEngine({ runtime, limits }),
    now: runtime.clock.now,
    advance: async (ms) => runtime.advance(ms),
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
  describeRateCounters,
  describeRetryMemory,
  describeRevocationList,
  describeSessionDirectory,
];
for (const describeSuite of suites) describeSuite("embedded", makeEngine);
