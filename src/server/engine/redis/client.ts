import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisAddress, RedisTarget } from "../../config/redis-target.js";
import type { Runtime } from "../../runtime.js";

/** Calls of scripts whose answers are bytes. The client has them, and its types do not. */
export interface ByteScripts {
  evalshaBuffer(sha: string, ...wire: ScriptWire): Promise<unknown>;
  evalBuffer(text: string, ...wire: ScriptWire): Promise<unknown>;
}

/** The number of keys, the keys, and the arguments. */
export type ScriptWire = [number, ...(string | Buffer)[]];

export type RedisClient = (Redis | Cluster) & ByteScripts;

/** The pauses between attempts to connect grow up to this, in milliseconds; so long can Redis be back before anybody knows it. */
const longestPauseMs = 1000;
const firstPauseMs = 50;

/** How long Redis may be silent with something to answer, and how long a connection may take, in milliseconds. */
const silenceMs = 3000;
const connectMs = 3000;

/** How long a Sentinel may take to say where the master is, in milliseconds. The next one is asked then; calls wait meanwhile. */
const sentinelMs = 1000;

/**
 * A client that connects again and again, and never asks twice by itself: what is under way when the connection breaks is
 * rejected, and so is what comes while there is none. It does not connect yet.
 */
export function createClient(target: RedisTarget, runtime: Pick<Runtime, "randomBytes">): RedisClient {
  return clientOf(target, runtime) as RedisClient;
}

/** A client for what one server publishes: that at an address, or of a target that is no cluster. Like `createClient` otherwise. */
export function createHearingClient(
  target: RedisTarget,
  runtime: Pick<Runtime, "randomBytes">,
  at?: { host: string; port: number },
): Redis {
  const { address } = target;
  const options: RedisOptions = { ...optionsOf(target, runtime), enableAutoPipelining: false };
  if (at !== undefined) return new Redis({ ...options, ...at });
  if (address.kind === "sentinel") return new Redis({ ...options, ...sentinelOptions(target, address, options) });
  if (address.kind === "single") return new Redis({ ...options, host: address.host, port: address.port });
  throw new Error("each server of a cluster publishes for itself");
}

function sentinelOptions(
  { sentinelPassword, tls }: RedisTarget,
  { sentinels, name }: RedisAddress & { kind: "sentinel" },
  { retryStrategy }: RedisOptions,
): RedisOptions {
  return {
    sentinels: [...sentinels],
    name,
    sentinelPassword: sentinelPassword || undefined,
    // Without these two the client goes past TLS in silence, whatever `tls` says.
    sentinelTLS: tls,
    enableTLSForSentinelMode: tls !== undefined,
    sentinelCommandTimeout: sentinelMs,
    sentinelRetryStrategy: retryStrategy as (attempt: number) => number,
  };
}

function optionsOf(target: RedisTarget, { randomBytes }: Pick<Runtime, "randomBytes">): RedisOptions {
  const pause = (attempt: number) => pauseMs(attempt, randomBytes(1)[0] ?? 0);
  return {
    db: target.address.kind === "cluster" ? 0 : target.database,
    lazyConnect: true,
    username: target.username || undefined,
    password: target.password || undefined,
    tls: target.tls,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    retryStrategy: pause,
  };
}

function clientOf(target: RedisTarget, runtime: Pick<Runtime, "randomBytes">): Redis | Cluster {
  const { address } = target;
  const options = optionsOf(target, runtime);
  switch (address.kind) {
    case "single":
      return new Redis({ ...options, host: address.host, port: address.port });
    case "sentinel":
      return new Redis({ ...options, ...sentinelOptions(target, address, options) });
    case "cluster": {
      const { retryStrategy, enableOfflineQueue: _, ...redisOptions } = options;
      return new Cluster([...address.nodes], {
        lazyConnect: true,
        enableOfflineQueue: false,
        enableAutoPipelining: true,
        clusterRetryStrategy: retryStrategy as (attempt: number) => number,
        redisOptions,
      });
    }
  }
}

/** Doubles from attempt to attempt, and is shortened by up to a half by chance, so that nodes do not come all at once. */
function pauseMs(attempt: number, random: number): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt, 10));
  return Math.round(longest * (1 - random / 512));
}
