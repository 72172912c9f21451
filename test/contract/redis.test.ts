import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Bus, Subscription } from "../../src/server/engine/ports/bus.js";
import { Connection } from "../../src/server/engine/redis/connection.js";
import { assembleRedisEngine } from "../../src/server/engine/redis/redis-engine.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { describeWithRedis, sharedRedis } from "../support/redis.js";
import { describeAttributeStore } from "./attribute-store.contract.js";
import { describeBanList } from "./ban-list.contract.js";
import { describeBus } from "./bus.contract.js";
import { describeChannelDirectory } from "./channel-directory.contract.js";
import { describeChannelLog } from "./channel-log.contract.js";
import { describeInbox } from "./inbox.contract.js";
import { describeInvitationStore } from "./invitation-store.contract.js";
import { describeNodeDirectory } from "./node-directory.contract.js";
import { describeRateCounters } from "./rate-counters.contract.js";
import { describeRetryMemory } from "./retry-memory.contract.js";
import { describeRevocationList } from "./revocation-list.contract.js";
import { describeSessionDirectory } from "./session-directory.contract.js";

/** What was under way is answered and heard after two: the first may lead to something more. */
const roundTrips = 2;

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

describeWithRedis("Redis", () => {
  const redis = sharedRedis();
  let connection: Connection;
  const target = () => {
    const { host, port } = redis();
    return { address: { kind: "single", host, port }, database: 0, username: "", password: "", tls: false } as const;
  };
  beforeAll(async () => {
    connection = await Connection.open(target(), systemRuntime, { onConnection: () => {} });
  });
  afterAll(() => connection?.close());

  const makeEngine = async (limits: Limits) => {
    const runtime = createManualRuntime();
    const { now } = runtime.clock;
    const prefix = `${randomUUID()}:`;
    const engine = assembleRedisEngine({ target: target(), prefix, profile: "fast", runtime, limits, connection, now });
    const roundTrip = roundTripsOver(engine.bus);
    return {
      engine,
      now,
      async advance(ms: number) {
        runtime.advance(ms);
        await runtime.settle();
        for (let left = roundTrips; left > 0; left -= 1) await roundTrip();
      },
    };
  };
  for (const describeSuite of suites) describeSuite("redis", makeEngine);
});

/** Waits for round trips over both connections: whatever was published before one is heard by then. */
function roundTripsOver(bus: Bus): () => Promise<void> {
  let heard = () => {};
  let subscription: Promise<Subscription> | undefined;
  return async () => {
    subscription ??= bus.subscribe("round trip", () => heard());
    await subscription;
    const isHeard = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await bus.publish("round trip", new Uint8Array());
    await isHeard;
  };
}
