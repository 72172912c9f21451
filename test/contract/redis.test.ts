import { describeWithRedis, sharedRedis } from "../support/redis.js";
import { singleRedis } from "../support/redis-target.js";
import { describeAppendOnce } from "./channel-log.contract.js";
import { describeEngine } from "./engine.contract.js";
import { enginesOn } from "./redis-under-test.js";

describeWithRedis("Redis", () => {
  const redis = sharedRedis();
  const makeEngine = enginesOn(() => singleRedis(redis()));
  describeEngine("redis", makeEngine);
  describeAppendOnce("redis", makeEngine);
});
