import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { RedisTarget } from "../../src/server/config/redis-target.js";
import type { Bus, Subscription } from "../../src/server/engine/ports/bus.js";
import { bytesTopic } from "../../src/server/engine/ports/topic.js";
import { Connection } from "../../src/server/engine/redis/connection.js";
import { assembleRedisEngine } from "../../src/server/engine/redis/redis-engine.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { failOn } from "../support/fail-on.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import type { MakeEngine } from "./engine-under-test.js";

/** What was under way is answered and heard after two: the first may lead to something more. */
const roundTrips = 2;
/** So many topics are together on all servers of a small cluster. */
const topicsInCluster = 24;

/** Makes engines on a Redis, on a manual clock and each with a prefix of its own. The tests of a `describe` share one connection. */
export function enginesOn(target: () => RedisTarget): MakeEngine {
  let connection: Connection;
  beforeAll(async () => {
    connection = await Connection.open(target(), systemRuntime, { onConnection: () => {} });
  });
  afterAll(() => connection?.close());
  return async (limits: Limits) => {
    const runtime = createManualRuntime();
    const { now } = runtime.clock;
    const prefix = `${randomUUID()}:`;
    const parts = { target: target(), prefix, profile: "fast", runtime, limits, connection, now, report: failOn } as const;
    const engine = assembleRedisEngine(parts);
    const roundTrip = roundTripsOver(engine.bus, target().address.kind === "cluster" ? topicsInCluster : 1);
    return {
      engine,
      now,
      async advance(ms: number) {
        runtime.advance(ms);
        await runtime.settle();
        // Who lets time pass does not wait for what is heard.
        if (ms === 0) for (let left = roundTrips; left > 0; left -= 1) await roundTrip();
      },
    };
  };
}

/** Waits for round trips over all connections: whatever was published before one is heard by then. */
function roundTripsOver(bus: Bus, topics: number): () => Promise<void> {
  const each = Array.from({ length: topics }, (_, number) => roundTripOver(bus, `round trip ${number}`));
  return async () => {
    await Promise.all(each.map((roundTrip) => roundTrip()));
  };
}

function roundTripOver(bus: Bus, topic: string): () => Promise<void> {
  let heard = () => {};
  let subscription: Promise<Subscription> | undefined;
  return async () => {
    subscription ??= bus.subscribe(bytesTopic(topic), () => heard());
    await subscription;
    const isHeard = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await bus.publish(bytesTopic(topic), new Uint8Array());
    await isHeard;
  };
}
