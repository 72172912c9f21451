// Where Redis is and how to be let in: what its settings say together.
import { messageOf } from "../message-of.js";
import { checkAuthorities, checkPair } from "../pem.js";
import { fileOf, type Reading, secretOf, sourceOf } from "./reading.js";
import { parseRedisUrl, type RedisTarget, type RedisTls } from "./redis-target.js";
import { type Settings, settingNames } from "./schema.js";

const tlsNames = ["redisCaFile", "redisCertFile", "redisKeyFile"] as const;
const sentinelNames = ["redisSentinelPassword", "redisSentinelPasswordFile"] as const;

/** The settings that say how to be let in: a `RedisTarget` has what they give. */
export const redisAccessNames = ["redisPassword", "redisPasswordFile", ...sentinelNames, ...tlsNames] as const;
export type RedisAccessName = (typeof redisAccessNames)[number];

/** Where Redis is, for the engine that uses it. Undefined for another engine, or if a problem was found. */
export function redisOf(settings: Settings, reading: Reading): RedisTarget | undefined {
  const { engine, redis } = settings;
  const { given, problems } = reading;
  if (engine !== "redis") {
    const names = settingNames.filter((name) => name.startsWith("redis"));
    const sources = names.flatMap((name) => given.get(name)?.source ?? []);
    problems.push(...sources.map((source) => `${source} is set, but the engine is ${engine}; set --engine redis.`));
    return undefined;
  }
  const store = given.get("store");
  if (store !== undefined)
    problems.push(`${store.source} and the engine redis are both set; Redis is the store. Set one of them.`);
  const target = redis === undefined ? undefined : parseRedisUrl(redis);
  if (target === undefined) {
    problems.push("The engine is redis, but nothing says where Redis is; set --redis redis://HOST:PORT.");
    return undefined;
  }
  return withCredentials({ ...target, tls: tlsOf(target, settings, reading) }, settings, reading);
}

function withCredentials(target: RedisTarget, settings: Settings, reading: Reading): RedisTarget {
  const password = secretOf("redisPassword", settings, reading);
  if (password !== undefined && target.password !== "") {
    reading.problems.push("The address of Redis has a password, and another one is set; set one of them.");
  }
  if (target.address.kind !== "sentinel") complain(sentinelNames, "but no Sentinels are; write redis-sentinel://.", reading);
  const sentinelPassword = secretOf("redisSentinelPassword", settings, reading) ?? "";
  return { ...target, password: password ?? target.password, sentinelPassword };
}

function tlsOf({ tls }: RedisTarget, settings: Settings, reading: Reading): RedisTls | undefined {
  if (tls === undefined) {
    complain(tlsNames, "but Redis is reached in the clear; write rediss in place of redis in its address.", reading);
    return undefined;
  }
  const [ca, cert, key] = tlsNames.map((name) => fileOf(name, settings, reading));
  const { redisCaFile = "", redisCertFile = "", redisKeyFile = "" } = settings;
  if ((redisCertFile === "") !== (redisKeyFile === "")) {
    reading.problems.push("What Redis is shown needs both a certificate and its key; set redisCertFile and redisKeyFile.");
  }
  try {
    if (ca !== undefined) checkAuthorities({ path: redisCaFile, content: ca });
    if (cert !== undefined && key !== undefined) {
      checkPair({ certificate: { path: redisCertFile, content: cert }, key: { path: redisKeyFile, content: key } });
    }
  } catch (thrown) {
    reading.problems.push(`TLS with Redis is not possible: ${messageOf(thrown)}.`);
  }
  return { ca, cert, key };
}

/** What is set and has no meaning would leave somebody in a wrong belief. */
function complain(names: readonly (keyof Settings)[], why: string, reading: Reading): void {
  const set = names.filter((name) => reading.given.has(name));
  reading.problems.push(...set.map((name) => `${sourceOf(name, reading)} is set, ${why}`));
}
