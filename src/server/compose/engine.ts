import { createEmbeddedEngine } from "../engine/embedded/embedded-engine.js";
import type { Engine } from "../engine/engine.js";
import { createDurableEngine } from "../engine/store/durable-engine.js";
import type { LoadMeter } from "../fanout/load-meter.js";
import type { Metrics } from "../observe/metrics.js";
import type { NodeParts } from "./foundation.js";

/** Opens the engine that a node is to have, where it is not given one. */
export async function openEngine(
  { store, runtime, config: { limits } }: NodeParts,
  load: LoadMeter,
  metrics: Metrics,
  report: (failure: unknown) => void,
): Promise<Engine> {
  if (store === undefined) return createEmbeddedEngine({ runtime, limits });
  const engine = await createDurableEngine({ ...store, runtime, limits, load, report });
  metrics.watchStore(engine);
  return engine;
}
