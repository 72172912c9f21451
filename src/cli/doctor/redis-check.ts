import { inspectRedis } from "../../server/compose.js";
import { type Config, describeRedis } from "../../server/config.js";
import type { CliContext } from "../context.js";
import type { Finding } from "./finding.js";

/** What the doctor finds out about Redis, where the engine is on one. */
export async function checkRedis(config: Config, { runtime }: CliContext): Promise<readonly Finding[]> {
  if (config.redis === undefined) return [];
  const { redis: target, redisPrefix: prefix, redisProfile: profile } = config;
  const places = await inspectRedis(target, { prefix, profile }, runtime);
  return places.flatMap(({ place, findings }) => {
    const where = places.length > 1 ? place : describeRedis(target);
    return findings.map(({ state, found, advice }) => ({
      check: "redis",
      state,
      found: `${where}: ${found}`,
      advice: advice || undefined,
    }));
  });
}
