import { describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { RedisTarget, RedisTls } from "../../../src/server/config/redis-target.js";
import { type Config, defaultConfig, type LoadedConfig } from "../../../src/server/config.js";
import { ConfigWatch } from "../../../src/server/config-watch.js";
import { createManualRuntime } from "../../support/manual-runtime.js";

const defaults = defaultConfig("/data");

/** A watch of a configuration that a test changes, and what it logs. */
function watch(started: Config = defaults) {
  const runtime = createManualRuntime();
  const limits: Limits = { ...defaultLimits };
  const log: string[] = [];
  let loaded: LoadedConfig = { ok: true, config: started };
  const level = (name: string) => (sentence: string) => log.push(`${name}: ${sentence}`);
  const sinks = { info: level("info"), warn: level("warn"), error: level("error") };
  const configWatch = new ConfigWatch({ started, limits, load: () => loaded, clock: runtime.clock, log: sinks });
  configWatch.start();
  return {
    runtime,
    limits,
    log,
    configWatch,
    change(config: Partial<Omit<Config, "limits">>, changed: Partial<Limits> = {}) {
      loaded = { ok: true, config: { ...started, ...config, limits: { ...defaultLimits, ...changed } } };
    },
    spoil() {
      loaded = { ok: false, problems: ["It is wrong."] };
    },
  };
}

it("takes limits from a configuration that has changed by itself, and says so once", () => {
  const { runtime, limits, log, change } = watch();
  runtime.advance(10_000);

  change({}, { peerSends: 7 });
  runtime.advance(30_000);

  expect(limits.peerSends).toBe(7);
  expect(log).toEqual(["info: limits have changed: peerSends from 300 to 7"]);
});

it("keeps what a restart would change, and names it without its value", () => {
  const { configWatch, limits, log, change } = watch();

  change({ tokenSecret: "a new secret that is long enough", grpcPort: 1 }, { heartbeatIntervalMs: 3000, logins: 9 });
  configWatch.reload();

  expect(limits).toEqual({ ...defaultLimits, logins: 9 });
  expect(log).toEqual([
    "info: limits have changed: logins from 2 to 9",
    "warn: these have changed and wait for a restart: grpcPort, tokenSecret, limits.heartbeatIntervalMs",
  ]);
});

it("changes nothing by a configuration that is wrong, and tells it once by itself and each time somebody asks", () => {
  const { configWatch, runtime, limits, log, spoil } = watch();

  spoil();
  runtime.advance(30_000);
  configWatch.reload();

  expect(limits).toEqual(defaultLimits);
  expect(log).toEqual(Array(2).fill("error: the configuration is not taken: It is wrong."));
});

it("says that nothing has changed to whoever asks", () => {
  const { configWatch, runtime, log } = watch();

  runtime.advance(30_000);
  configWatch.reload();

  expect(log).toEqual(["info: the settings and limits are as they were"]);
});

describe("with Redis over TLS", () => {
  const target = (tls: RedisTls, host = "cache"): RedisTarget => {
    const nobody = { username: "", password: "", sentinelPassword: "" };
    return { address: { kind: "single", host, port: 6379 }, database: 0, ...nobody, tls };
  };
  const startWith = (redis: RedisTarget) => ({ redis, ...watch({ ...defaults, redis }) });

  it("takes certificates that have changed in place, and says so once", () => {
    const { redis, configWatch, log, change } = startWith(target({ ca: "root", cert: "old", key: "old key" }));
    const { tls } = redis;

    change({ redis: target({ ca: undefined, cert: "new", key: "new key" }) });
    configWatch.reload();
    configWatch.reload();

    expect(redis.tls).toBe(tls);
    expect(tls).toEqual({ ca: undefined, cert: "new", key: "new key" });
    expect(log).toEqual([
      "info: the certificates for Redis have changed: connections that are made from now on go by the new ones",
      "info: the settings and limits are as they were",
    ]);
  });

  it("takes no certificates for another Redis, which waits for a restart", () => {
    const { redis, configWatch, log, change } = startWith(target({ ca: "root" }));

    change({ redis: target({ ca: "new root" }, "elsewhere") });
    configWatch.reload();

    expect(redis.tls).toEqual({ ca: "root" });
    expect(log).toEqual(["warn: these have changed and wait for a restart: redis"]);
  });
});

it("looks no more once it has stopped", () => {
  const { configWatch, runtime, limits, change } = watch();

  configWatch.stop();
  change({}, { peerSends: 7 });
  runtime.advance(30_000);

  expect(limits.peerSends).toBe(defaultLimits.peerSends);
});
