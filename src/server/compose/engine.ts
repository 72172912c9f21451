import { createEmbeddedEngine } from "../engine/embedded/embedded-engine.js";
import type { Engine } from "../engine/engine.js";
import { createRedisEngine } from "../engine/redis/redis-engine.js";
import { requireFitRedis } from "../engine/redis/survey/fitness.js";
import { createDurableEngine } from "../engine/store/durable-engine.js";
import type { StoreObserver } from "../engine/store/group-commit.js";
import type { LoadMeter } from "../fanout/load-meter.js";
import type { Logger } from "../observe/log.js";
import type { Metrics } from "../observe/metrics.js";
import type { Clock } from "../runtime.js";
import type { NodeParts } from "./foundation.js";

interface OpenedEngine {
  readonly engine: Engine;
  /** The clock that the engine shares with other nodes. */
  readonly clock: Clock;
}

/** Opens the engine that a node is to have, where it is not given one, with the clock that it shares with other nodes. */
export async function openEngine(
  parts: NodeParts,
  load: LoadMeter,
  metrics: Metrics,
  report: (failure: unknown) => void,
): Promise<OpenedEngine> {
  const { store, redis, runtime } = parts;
  const { clock } = runtime;
  const { limits } = parts.config;
  if (parts.engine !== undefined) return { engine: parts.engine, clock };
  if (redis !== undefined) return openRedis(redis, parts, load, metrics, report);
  if (store === undefined) {
    const engine = createEmbeddedEngine({ runtime, limits, load });
    metrics.watchAppends(engine.waitingAppends);
    return { engine, clock };
  }
  const observer = storeObserver(metrics, parts.logger);
  const engine = await createDurableEngine({ ...store, runtime, limits, load, observer });
  metrics.watchStore(engine);
  return { engine, clock };
}

async function openRedis(
  { target, redisPrefix: prefix, redisProfile: profile }: NonNullable<NodeParts["redis"]>,
  { runtime, logger, config: { limits } }: NodeParts,
  load: LoadMeter,
  metrics: Metrics,
  report: (failure: unknown) => void,
): Promise<OpenedEngine> {
  const onLimit = metrics.onLimit.bind(metrics);
  const redisParts = { target, prefix, profile, runtime, limits, load, onLimit, report };
  const opened = await createRedisEngine(redisParts, redisObserver(logger));
  try {
    await requireFitRedis(target, { prefix, profile }, runtime, (sentence) => logger.warn(sentence));
    metrics.watchRedis(opened.engine.figures);
    metrics.watchAppends(opened.engine.figures.waitingAppends);
    return opened;
  } catch (failure) {
    await opened.engine.close();
    throw failure;
  }
}

function storeObserver(metrics: Metrics, logger: Logger): StoreObserver {
  return {
    onBatch: (ms) => metrics.onStoreBatch(ms),
    onHealth(health, sentence) {
      if (health === "ok") return logger.info(sentence);
      metrics.onFailure();
      logger.error(sentence);
    },
  };
}

function redisObserver(logger: Logger) {
  let wasThere = false;
  return {
    onConnection(isThere: boolean) {
      if (!isThere) logger.error("Redis cannot be reached; what needs it is refused until it is back");
      else if (wasThere) logger.info("Redis is back");
      wasThere = true;
    },
  };
}
