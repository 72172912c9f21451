import { describeAttributeStore } from "./attribute-store.contract.js";
import { describeBanList } from "./ban-list.contract.js";
import { describeBus } from "./bus.contract.js";
import { describeChannelDirectory } from "./channel-directory.contract.js";
import { describeChannelLog } from "./channel-log.contract.js";
import { describeChannelLogRate } from "./channel-log-rate.contract.js";
import type { MakeEngine } from "./engine-under-test.js";
import { describeInbox } from "./inbox.contract.js";
import { describeInvitationStore } from "./invitation-store.contract.js";
import { describeNodeDirectory } from "./node-directory.contract.js";
import { describeRateCounters } from "./rate-counters.contract.js";
import { describeRetryMemory } from "./retry-memory.contract.js";
import { describeRevocationList } from "./revocation-list.contract.js";
import { describeSessionDirectory } from "./session-directory.contract.js";

/** What every engine must pass, port by port. */
export function describeEngine(name: string, makeEngine: MakeEngine): void {
  describeAttributeStore(name, makeEngine);
  describeBanList(name, makeEngine);
  describeBus(name, makeEngine);
  describeChannelDirectory(name, makeEngine);
  describeChannelLog(name, makeEngine);
  describeChannelLogRate(name, makeEngine);
  describeInbox(name, makeEngine);
  describeInvitationStore(name, makeEngine);
  describeNodeDirectory(name, makeEngine);
  describeRateCounters(name, makeEngine);
  describeRetryMemory(name, makeEngine);
  describeRevocationList(name, makeEngine);
  describeSessionDirectory(name, makeEngine);
}
