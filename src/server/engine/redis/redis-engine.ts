import type { LimitName, Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { RedisTarget } from "../../config/redis-target.js";
import type { Clock, Runtime } from "../../runtime.js";

import { MemoryRetryMemory } from "../embedded/memory-retry-memory.js";
import type { Engine } from "../engine.js";
import type { WaitingAppends } from "../shared/append-queues.js";
import { RedisBus } from "./bus/redis-bus.js";
import { Connection, type ConnectionObserver } from "./connection.js";
import type { Waiting } from "./mail/waiting.js";
import { RedisAttributeStore } from "./redis-attribute-store.js";
import { RedisBanList } from "./redis-ban-list.js";
import { RedisChannelDirectory } from "./redis-channel-directory.js";
import { RedisChannelLog } from "./redis-channel-log.js";
import { RedisInbox } from "./redis-inbox.js";
import { RedisInvitationStore } from "./redis-invitation-store.js";
import { RedisNodeDirectory } from "./redis-node-directory.js";
import { RedisRateCounters } from "./redis-rate-counters.js";
import { RedisRevocationList } from "./redis-revocation-list.js";
import { RedisSessionDirectory } from "./redis-session-directory.js";
import { Runner } from "./runner.js";
import { time } from "./scripts/time.js";
import { SharedClock } from "./shared-clock.js";

/** How often the memory of what has expired is freed. Nothing but memory depends on it. */
const sweepIntervalMs = 10_000;

/** How long the engine counts as full after Redis had no room for something, in milliseconds. */
const fullMs = 5000;

/** How many replicas must have a change in the profile that loses nothing. */
const durableReplicas = 1;

/** The tag of what belongs to nobody. */
const clockTag = "clock";

export interface RedisEngineParts {
  readonly target: RedisTarget;
  /** What all keys begin with. */
  readonly prefix: string;
  /** Whether a change that was confirmed may be lost with a server ("fast"), or not ("durable"). */
  readonly profile: "fast" | "durable";
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** Whether the node is busy: then messages to channels wait a moment to share a call. By default it never is. */
  readonly load?: { readonly busy: boolean };
  /** Hears each time that a limit of the engine has refused something. */
  readonly onLimit?: (limit: LimitName) => void;
  /** Hears of what another node has published and this one cannot read. */
  readonly report: (failure: unknown) => void;
}

export interface AssemblyParts extends RedisEngineParts {
  readonly connection: Connection;
  /** The time of the engine in milliseconds since 1970; by default that of Redis. For tests. */
  readonly now?: () => number;
}

/** What operators watch. */
export interface RedisFigures {
  /** The topics that should be heard and are not. */
  readonly deafTopics: number;
  /** The messages to channels that wait here for Redis. */
  readonly waitingAppends: WaitingAppends;
  /** What waits here for another node: of the node for which most waits. */
  readonly outgoingMail: Waiting;
  /** What waited in Redis for this node when it last renewed its lease. */
  readonly incomingMail: Waiting;
}

export interface RedisEngine extends Engine {
  readonly figures: RedisFigures;
}

export interface OpenedRedisEngine {
  readonly engine: RedisEngine;
  /** Its time of day is that of Redis. */
  readonly clock: Clock;
}

/**
 * An engine that many nodes share, in Redis 7.0 or later. Rejects with an `Error` that says why if Redis does not let the node
 * in, or cannot be reached for some seconds; once it is open, it heals by itself. The observer hears of each loss and each
 * return of the connection.
 */
export async function createRedisEngine(parts: RedisEngineParts, observer: ConnectionObserver): Promise<OpenedRedisEngine> {
  const { target, prefix, runtime } = parts;
  const connection = await Connection.open(target, runtime, observer);
  try {
    const runner = new Runner({ connection, runtime, prefix });
    const clock = await SharedClock.start(runtime.clock, async () => Number(await runner.run(time, clockTag, {})) / 1000);
    const engine = assembleRedisEngine({
      ...parts,
      connection,
      runtime: { clock, randomBytes: (length) => runtime.randomBytes(length) },
    });
    const close = async () => {
      clock.stop();
      await engine.close();
      connection.close();
    };
    return { engine: { ...engine, close }, clock };
  } catch (failure) {
    connection.close();
    throw failure;
  }
}

/** The engine over a connection, which stays open when the engine is closed. */
export function assembleRedisEngine(parts: AssemblyParts): RedisEngine {
  const { connection, target, prefix, profile, runtime, limits, now, report } = parts;
  const { load = { busy: false }, onLimit = () => {} } = parts;
  const { clock } = runtime;
  let fullUntil = Number.NEGATIVE_INFINITY;
  const runner = new Runner({
    connection,
    runtime,
    prefix,
    now,
    replicas: profile === "durable" ? durableReplicas : 0,
    onFull: () => {
      fullUntil = clock.monotonic() + fullMs;
    },
  });
  const bus = new RedisBus({ runner, runtime, target, report });
  const retries = new MemoryRetryMemory({ clock, limits });
  const timer = clock.every(sweepIntervalMs, () => retries.sweep());
  const log = new RedisChannelLog({ runner, runtime, limits, load, durable: profile === "durable" });
  const nodes = new RedisNodeDirectory({ runner, runtime, bus, limits, onLimit });
  return {
    nodes,
    sessions: new RedisSessionDirectory({ runner }),
    channels: new RedisChannelDirectory({ runner, runtime }),
    log,
    bus,
    rates: new RedisRateCounters({ runner }),
    retries,
    attributes: new RedisAttributeStore({ runner, runtime, limits }),
    inbox: new RedisInbox({ runner, limits }),
    invitations: new RedisInvitationStore({ runner }),
    bans: new RedisBanList({ runner }),
    revocations: new RedisRevocationList({ runner }),
    health() {
      if (!connection.isThere) return "unreachable";
      if (bus.deafTopics > 0) return "deaf";
      return clock.monotonic() < fullUntil ? "full" : "ok";
    },
    figures: {
      get deafTopics() {
        return bus.deafTopics;
      },
      waitingAppends: log.waiting,
      get outgoingMail() {
        return nodes.outgoingMail;
      },
      get incomingMail() {
        return nodes.incomingMail;
      },
    },
    async close() {
      timer.cancel();
      bus.close();
    },
  };
}
