import { describe, expect, it } from "vitest";
import { type Expectation, surveyServer } from "../../../../../src/server/engine/redis/survey/survey.js";

const wellInfo = {
  redis_version: "7.0.15",
  redis_mode: "standalone",
  role: "master",
  connected_slaves: "1",
  maxmemory: `${2 ** 30}`,
  used_memory: `${2 ** 20}`,
  maxmemory_policy: "noeviction",
  aof_enabled: "1",
};
const wellSettings: Record<string, string> = { appendfsync: "always", "min-replicas-to-write": "1" };

interface Server {
  readonly info?: Readonly<Record<string, string>>;
  /** Undefined for a server that does not tell its settings. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly clockMs?: number;
  /** What each step of a scan gives. */
  readonly keys?: readonly (readonly string[])[];
}

const nowMs = 1_700_000_000_000;

/** What is found at a server that lacks nothing but what is said, without what is well. */
async function problemsOf(server: Server, expectation: Partial<Expectation> = {}) {
  const settings = "settings" in server ? server.settings : wellSettings;
  const keys = server.keys ?? [[]];
  const caller = {
    async call(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
      switch (command) {
        case "INFO":
          return `# Server\r\n${Object.entries({ ...wellInfo, ...server.info })
            .map(([name, value]) => `${name}:${value}\r\n`)
            .join("")}`;
        case "CONFIG":
          if (settings === undefined) throw new Error("ERR unknown command 'CONFIG'");
          return [args[1], settings[`${args[1]}`] ?? wellSettings[`${args[1]}`]];
        case "TIME":
          return [`${Math.floor((server.clockMs ?? nowMs) / 1000)}`, `${((server.clockMs ?? nowMs) % 1000) * 1000}`];
        case "SCAN": {
          expect(args.slice(1, 3)).toEqual(["MATCH", "aldis:*"]);
          const step = Number(args[0]);
          return [`${step + 1 < keys.length ? step + 1 : 0}`, keys[step]];
        }
      }
      throw new Error(`ERR unknown command '${command}'`);
    },
  };
  const expected: Expectation = { kind: "single", prefix: "aldis:", profile: "durable", now: () => nowMs, ...expectation };
  return (await surveyServer(caller, expected)).filter(({ state }) => state !== "ok");
}

const failing = (found: RegExp, advice: RegExp) => [
  { state: "failed", found: expect.stringMatching(found), advice: expect.stringMatching(advice) },
];
const warning = (found: RegExp, advice: RegExp) => [
  { state: "warning", found: expect.stringMatching(found), advice: expect.stringMatching(advice) },
];

describe("the survey of a Redis", () => {
  it("finds nothing wrong with one that is well", async () => {
    expect(await problemsOf({ keys: [["aldis:{user/a}:claim"], ["aldis:{node/1}"]] })).toEqual([]);
    expect(await problemsOf({ info: { redis_version: "7.2.4", valkey_version: "8.0.1" } })).toEqual([]);
    expect(await problemsOf({ info: { redis_mode: "cluster" } }, { kind: "cluster" })).toEqual([]);
  });

  it.each<[string, Server, Partial<Expectation>, unknown]>([
    ["an old version", { info: { redis_version: "6.2.14" } }, {}, failing(/6\.2\.14 is too old/, /7\.0 or later/)],
    [
      "a cluster that is given as a single one",
      { info: { redis_mode: "cluster" } },
      {},
      failing(/node of a Redis Cluster/, /redis-cluster:\/\//),
    ],
    ["a single one that is given as a cluster", {}, { kind: "cluster" }, failing(/single Redis/, /redis:\/\//)],
    ["a Sentinel", { info: { redis_mode: "sentinel" } }, {}, failing(/Sentinel/, /redis-sentinel:\/\//)],
    ["a replica", { info: { role: "slave" } }, {}, failing(/replica/, /master/)],
    [
      "eviction",
      { info: { maxmemory_policy: "allkeys-lru" } },
      {},
      failing(/eviction policy is allkeys-lru/, /maxmemory-policy noeviction/),
    ],
    ["memory without a limit", { info: { maxmemory: "0" } }, {}, warning(/no limit of memory/, /maxmemory/)],
    ["memory that is nearly full", { info: { used_memory: `${0.9 * 2 ** 30}` } }, {}, warning(/922 of 1024 MiB/, /memory/)],
    [
      "no append-only file, where nothing may be lost",
      { info: { aof_enabled: "0" } },
      {},
      failing(/append-only/, /appendonly yes/),
    ],
    [
      "no append-only file, where much may be lost",
      { info: { aof_enabled: "0" } },
      { profile: "fast" },
      warning(/loses everything/, /appendonly yes/),
    ],
    ["a lazy sync", { settings: { appendfsync: "everysec" } }, {}, failing(/syncs everysec/, /appendfsync always/)],
    ["no replica", { info: { connected_slaves: "0" } }, {}, failing(/no replica/, /Give it one/)],
    [
      "writes without a replica",
      { settings: { "min-replicas-to-write": "0" } },
      {},
      warning(/without a replica/, /min-replicas-to-write 1/),
    ],
    ["a clock that is ahead", { clockMs: nowMs + 60_000 }, {}, warning(/60\.0 s ahead/, /NTP/)],
    ["a clock that is behind", { clockMs: nowMs - 3500 }, {}, warning(/3\.5 s behind/, /NTP/)],
    [
      "another application's keys",
      { keys: [["aldis:{user/a}"], ["aldis:{user/b}", "aldis:sessions"]] },
      {},
      failing(/another application has keys under "aldis:", such as "aldis:sessions"/, /--redis-prefix/),
    ],
  ])("tells of %s", async (_, server, expectation, problems) => {
    expect(await problemsOf(server, expectation)).toEqual(problems);
  });

  it("cannot say when a rented server syncs, and says so", async () => {
    const problems = await problemsOf({ settings: undefined });

    expect(problems[0]).toMatchObject({ state: "warning", found: "it does not tell when it syncs" });
    expect(problems.filter(({ state }) => state === "failed")).toEqual([]);
  });

  it("looks at a bounded number of keys", async () => {
    const keys = Array.from({ length: 1000 }, () => ["aldis:{user/a}"]);
    expect(await problemsOf({ keys: [...keys, ["aldis:sessions"]] })).toEqual([]);
  });
});
