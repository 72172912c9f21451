import { describeWithRedis, sharedRedisCluster } from "../support/redis.js";
import { redisCluster } from "../support/redis-target.js";
import { describeAppendOnce } from "./channel-log.contract.js";
import { describeEngine } from "./engine.contract.js";
import { enginesOn } from "./redis-under-test.js";

describeWithRedis("Redis Cluster", () => {
  const servers = sharedRedisCluster();
  const makeEngine = enginesOn(() => redisCluster(servers()));
  describeEngine("redis cluster", makeEngine);
  describeAppendOnce("redis cluster", makeEngine);
});
