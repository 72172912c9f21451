import { describeWithRedis, sharedRedisCluster } from "../support/redis.js";
import { redisCluster } from "../support/redis-target.js";
import { describeAttributeStore } from "./attribute-store.contract.js";
import { describeBanList } from "./ban-list.contract.js";
import { describeBus } from "./bus.contract.js";
import { describeChannelDirectory } from "./channel-directory.contract.js";
import { describeChannelLog } from "./channel-log.contract.js";
import { describeInbox } from "./inbox.contract.js";
import { describeInvitationStore } from "./invitation-store.contract.js";
import { describeNodeDirectory } from "./node-directory.contract.js";
import { describeRateCounters } from "./rate-counters.contract.js";
import { enginesOn } from "./redis-under-test.js";
import { describeRetryMemory } from "./retry-memory.contract.js";
import { describeRevocationList } from "./revocation-list.contract.js";
import { describeSessionDirectory } from "./session-directory.contract.js";

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

describeWithRedis("Redis Cluster", () => {
  const servers = sharedRedisCluster();
  const makeEngine = enginesOn(() => redisCluster(servers()));
  for (const describeSuite of suites) describeSuite("redis cluster", makeEngine);
});
