import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { type ConfigSources, defaultConfig, defaultDataDir, describeConfig, loadConfig } from "../../../src/server/config.js";
import { pem } from "../../support/tls-files.js";

const secret = "a secret that is at least 32 bytes long";

function load({ flags = {}, env = {}, files = {} }: Partial<ConfigSources> & { files?: Record<string, string> }) {
  return loadConfig({
    flags,
    env: { HOME: "/home/ann", ...env },
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw new Error("no such file");
      return text;
    },
  });
}

const file = (content: unknown) => ({ flags: { config: "aldis.json" }, files: { "aldis.json": JSON.stringify(content) } });

describe("the configuration", () => {
  it("has a default for everything", () => {
    const loaded = load({});

    expect(loaded).toEqual({
      ok: true,
      config: {
        grpcHost: "127.0.0.1",
        grpcPort: 7400,
        allowPlaintext: false,
        httpHost: "127.0.0.1",
        httpPort: 7401,
        dataDir: "/home/ann/.local/share/aldis",
        minFreeBytes: 67_108_864,
        allowSharedDisk: false,
        engine: "embedded",
        redis: undefined,
        redisPrefix: "aldis:",
        redisProfile: "fast",
        nodeId: undefined,
        development: true,
        appId: "dev",
        tokenSecret: undefined,
        allowNoToken: false,
        storeForAway: false,
        appServerHosts: [],
        appServerNetworks: [],
        trustedNetworks: ["127.0.0.0/8", "::1"],
        logLevel: "info",
        limits: defaultLimits,
      },
    });
  });

  it("takes a flag before a variable, that before the file, and that before the default", () => {
    const content = { grpcPort: 1, httpPort: 1, logLevel: "warn", limits: { messageBytes: 1, ackEvents: 1, drainMs: 1 } };
    const fromFile = file(content);
    const env = { ALDIS_GRPC_PORT: "2", ALDIS_HTTP_PORT: "2", ALDIS_LIMIT_MESSAGE_BYTES: "2", ALDIS_LIMIT_ACK_EVENTS: "2" };
    const flags = { ...fromFile.flags, grpcPort: "3", limit: ["messageBytes=3"] };

    const loaded = load({ flags, env, files: fromFile.files });

    expect(loaded).toMatchObject({
      ok: true,
      config: {
        grpcPort: 3,
        httpPort: 2,
        logLevel: "warn",
        appId: "dev",
        limits: { messageBytes: 3, ackEvents: 2, drainMs: 1 },
      },
    });
  });

  it("takes a list as one text with commas from flags and variables, and as a list from the file", () => {
    const env = { ALDIS_APP_SERVER_HOSTS: "api.example.com, *.example.org:8443", ALDIS_APP_SERVER_NETWORKS: "10.1.0.0/16,::1" };
    const hosts = ["api.example.com", "*.example.org:8443"];

    expect(load({ env })).toMatchObject({ config: { appServerHosts: hosts, appServerNetworks: ["10.1.0.0/16", "::1"] } });
    expect(load(file({ appServerHosts: hosts }))).toMatchObject({ config: { appServerHosts: hosts } });
  });

  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0", "::/129", "10.0.0.0/8/8", "example.com"])(
    'does not take "%s" for a network',
    (network) => {
      const loaded = load({ env: { ALDIS_APP_SERVER_NETWORKS: network } });

      expect(loaded).toMatchObject({ problems: [expect.stringContaining(`is "${network}"; it must be a list of addresses`)] });
    },
  );

  it("finds the file by its variable, unless a flag names another", () => {
    const files = { "a.json": '{"appId": "a"}', "b.json": '{"appId": "b"}' };

    const byVariable = load({ env: { ALDIS_CONFIG: "a.json" }, files });
    const byFlag = load({ env: { ALDIS_CONFIG: "a.json" }, flags: { config: "b.json" }, files });

    expect(byVariable).toMatchObject({ config: { appId: "a" } });
    expect(byFlag).toMatchObject({ config: { appId: "b" } });
  });

  it.each([
    ["off with a secret", { ALDIS_TOKEN_SECRET: secret }, false],
    ["on with a secret where it is asked for", { ALDIS_TOKEN_SECRET: secret, ALDIS_DEVELOPMENT: "true" }, true],
    ["off without a secret where no token is needed", { ALDIS_ALLOW_NO_TOKEN: "true", ALDIS_DEVELOPMENT: "false" }, false],
  ])("has development %s", (_, env, development) => {
    expect(load({ env })).toMatchObject({ ok: true, config: { development } });
  });

  it("reads the secret from its file, without the line end", () => {
    const loaded = load({ flags: { tokenSecretFile: "key" }, files: { key: `${secret}\r\n` } });

    expect(loaded).toMatchObject({ ok: true, config: { tokenSecret: secret, development: false } });
    expect(loaded).not.toHaveProperty("config.tokenSecretFile");
  });

  it("takes the password of Redis from its file, its variable or its address", () => {
    const redis = "redis://ann@cache:7000/1";
    const flags = { engine: "redis", redis };
    const target = { address: { kind: "single", host: "cache", port: 7000 }, database: 1, username: "ann" };

    const file = load({ flags: { ...flags, redisPasswordFile: "p" }, files: { p: "secret\n" } });
    expect(file).toMatchObject({ ok: true, config: { engine: "redis", redis: { ...target, password: "secret" } } });
    const variable = load({ flags, env: { ALDIS_REDIS_PASSWORD: "secret" } });
    expect(variable).toMatchObject({ ok: true, config: { redis: { ...target, password: "secret" } } });
    expect(variable).not.toHaveProperty("config.redisPassword");
    const address = load({ flags: { engine: "redis", redis: "redis://ann:secret@cache" } });
    expect(address).toMatchObject({ ok: true, config: { redis: { password: "secret" } } });
  });

  it("takes the password of Sentinels from its file or its variable", () => {
    const flags = { engine: "redis", redis: "redis-sentinel://a/main" };
    const file = load({ flags: { ...flags, redisSentinelPasswordFile: "p" }, files: { p: "secret\n" } });
    expect(file).toMatchObject({ ok: true, config: { redis: { sentinelPassword: "secret", password: "", tls: undefined } } });
    const variable = load({ flags, env: { ALDIS_REDIS_SENTINEL_PASSWORD: "secret" } });
    expect(variable).toMatchObject({ ok: true, config: { redis: { sentinelPassword: "secret" } } });
    expect(variable).not.toHaveProperty("config.redisSentinelPassword");
  });

  it("takes certificates for Redis from their files", () => {
    const flags = { engine: "redis", redis: "rediss://a", redisCaFile: "ca", redisCertFile: "cert", redisKeyFile: "key" };
    const files = {
      ca: pem("authority.pem").toString(),
      cert: pem("client.pem").toString(),
      key: pem("client.key").toString(),
    };

    const loaded = load({ flags, files });
    expect(loaded).toMatchObject({ ok: true, config: { redis: { tls: files } } });
    expect(loaded).not.toHaveProperty("config.redisKeyFile");
  });

  const port = "a whole number from 0 to 65535";
  it.each<[string, Parameters<typeof load>[0], string[]]>([
    ["a port that is a word", { flags: { grpcPort: "x" } }, [`Flag --grpc-port is "x"; it must be ${port}.`]],
    [
      "a port above all ports",
      { env: { ALDIS_GRPC_PORT: "65536" } },
      [`Variable ALDIS_GRPC_PORT is "65536"; it must be ${port}.`],
    ],
    ["a negative port", { env: { ALDIS_HTTP_PORT: "-1" } }, [`Variable ALDIS_HTTP_PORT is "-1"; it must be ${port}.`]],
    ["a broken port", file({ grpcPort: 1.5 }), [`File key grpcPort is 1.5; it must be ${port}.`]],
    ["an empty variable", { env: { ALDIS_GRPC_PORT: "" } }, [`Variable ALDIS_GRPC_PORT is ""; it must be ${port}.`]],
    ["a null in the file", file({ appId: null }), [expect.stringMatching(/^File key appId is null; it must be a text/)]],
    [
      "a host with a space",
      { flags: { grpcHost: "a b" } },
      ['Flag --grpc-host is "a b"; it must be a host name or an IP address.'],
    ],
    [
      "a control character in the app",
      { env: { ALDIS_APP_ID: "a\n" } },
      [expect.stringMatching(/^Variable ALDIS_APP_ID is "a\\n"/)],
    ],
    ["an unknown level", { flags: { logLevel: "loud" } }, [expect.stringMatching(/one of fatal, .*silent\.$/)]],
    [
      "a switch that is a word",
      { env: { ALDIS_DEVELOPMENT: "yes" } },
      ['Variable ALDIS_DEVELOPMENT is "yes"; it must be true or false.'],
    ],
    ["an unknown file key", file({ grcpPort: 1 }), ['There is no file key "grcpPort". Did you mean grpcPort?']],
    [
      "an unknown variable",
      { env: { ALDIS_GRPC_PROT: "1" } },
      ["There is no variable ALDIS_GRPC_PROT. Did you mean ALDIS_GRPC_PORT?"],
    ],
    ["a name like nothing known", file({ zzzzzzzz: 1 }), ['There is no file key "zzzzzzzz".']],
    [
      "a key that is a prototype",
      { ...file({}), files: { "aldis.json": '{"__proto__": 1}' } },
      ['There is no file key "__proto__".'],
    ],
    [
      "an unknown limit in a flag",
      { flags: { limit: ["mesageBytes=1"] } },
      ['Flag --limit: there is no limit "mesageBytes". Did you mean messageBytes?'],
    ],
    ["an unknown limit in the file", file({ limits: { toString: 1 } }), ['File key limits: there is no limit "toString".']],
    [
      "a limit without a value",
      { flags: { limit: ["messageBytes"] } },
      ['Flag --limit is "messageBytes"; it must be like messageBytes=1024.'],
    ],
    [
      "a limit above its bound",
      { flags: { limit: ["messageBytes=65537"] } },
      ['Flag --limit messageBytes is "65537"; it must be a whole number from 1 to 65536 (bytes).'],
    ],
    [
      "a limit below its bound",
      file({ limits: { peerSends: 0 } }),
      ["File key limits.peerSends is 0; it must be a whole number of at least 1 (calls in 3000 ms)."],
    ],
    ["limits that are a list", file({ limits: [] }), ['File key limits: it must be an object such as {"messageBytes": 1024}.']],
    [
      "a heartbeat slower than the silence that it prevents",
      { env: { ALDIS_LIMIT_HEARTBEAT_INTERVAL_MS: "6000" } },
      ["The limit heartbeatIntervalMs is 6000; it must be below unreachableAfterMs, which is 6000."],
    ],
    [
      "a grace that ends before a silent user is unreachable",
      { flags: { limit: ["presenceGraceMs=6000"] } },
      ["The limit unreachableAfterMs is 6000; it must be below presenceGraceMs, which is 6000."],
    ],
    ["a missing file", { flags: { config: "none" } }, ['Flag --config names "none", which cannot be read: no such file.']],
    [
      "a missing file of a variable",
      { env: { ALDIS_CONFIG: "none" } },
      [expect.stringMatching(/^Variable ALDIS_CONFIG names "none"/)],
    ],
    ["a file that is no JSON", { flags: { config: "x" }, files: { x: "{" } }, ['The file "x" is not a JSON object.']],
    [
      "a missing secret file",
      { flags: { tokenSecretFile: "none" } },
      [expect.stringMatching(/^Flag --token-secret-file names "none"/)],
    ],
    [
      "a short secret file",
      { flags: { tokenSecretFile: "k" }, files: { k: "short" } },
      [expect.stringMatching(/at least 32 bytes long\.$/)],
    ],
    [
      "two secrets",
      { flags: { tokenSecretFile: "k" }, env: { ALDIS_TOKEN_SECRET: secret }, files: { k: secret } },
      ["Flag --token-secret-file and a token secret are both set; set one of them."],
    ],
    [
      "neither a secret nor development",
      { flags: { development: false } },
      ["There is no token secret, and development is off; set ALDIS_TOKEN_SECRET, --token-secret-file or --apps-file."],
    ],
    [
      "an apps file beside one app and development",
      { flags: { appsFile: "apps.json", appId: "shop", development: true }, env: { ALDIS_TOKEN_SECRET: secret } },
      [
        "Flag --app-id and an apps file are both set; set one of them.",
        "Variable ALDIS_TOKEN_SECRET and an apps file are both set; set one of them.",
        "Flag --development and an apps file are both set; set one of them.",
      ],
    ],
    [
      "the engine redis without an address",
      { flags: { engine: "redis" } },
      ["The engine is redis, but nothing says where Redis is; set --redis redis://HOST:PORT."],
    ],
    [
      "an address of Redis for the other engine",
      { env: { ALDIS_REDIS: "redis://cache" } },
      ["Variable ALDIS_REDIS is set, but the engine is embedded; set --engine redis."],
    ],
    [
      "a store beside Redis",
      { flags: { engine: "redis", redis: "redis://cache", store: "disk" } },
      ["Flag --store and the engine redis are both set; Redis is the store. Set one of them."],
    ],
    [
      "two passwords of Redis",
      { flags: { engine: "redis", redis: "redis://:one@cache", redisPasswordFile: "p" }, files: { p: "other" } },
      ["The address of Redis has a password, and another one is set; set one of them."],
    ],
    [
      "a certificate for Redis without its key",
      { flags: { engine: "redis", redis: "rediss://cache", redisCertFile: "c" }, files: { c: pem("client.pem").toString() } },
      ["What Redis is shown needs both a certificate and its key; set redisCertFile and redisKeyFile."],
    ],
    [
      "a file for TLS with Redis that is missing",
      { flags: { engine: "redis", redis: "rediss://cache", redisCaFile: "none" } },
      ['Flag --redis-ca-file names "none", which cannot be read: no such file.'],
    ],
    [
      "a file for TLS with Redis that holds something else",
      { flags: { engine: "redis", redis: "rediss://cache", redisCaFile: "c" }, files: { c: "x" } },
      ['TLS with Redis is not possible: "c" holds no certificates in PEM.'],
    ],
    [
      "the key of another certificate for Redis",
      {
        flags: { engine: "redis", redis: "rediss://cache", redisCertFile: "c", redisKeyFile: "k" },
        files: { c: pem("client.pem").toString(), k: pem("server.key").toString() },
      },
      ['TLS with Redis is not possible: the key in "k" is not that of the certificate in "c".'],
    ],
    [
      "certificates for a Redis in the clear",
      { flags: { engine: "redis", redis: "redis://cache", redisCaFile: "c" }, files: { c: pem("authority.pem").toString() } },
      ["Flag --redis-ca-file is set, but Redis is reached in the clear; write rediss in place of redis in its address."],
    ],
    [
      "a password of Sentinels without Sentinels",
      { flags: { engine: "redis", redis: "redis://cache" }, env: { ALDIS_REDIS_SENTINEL_PASSWORD: "secret" } },
      ["Variable ALDIS_REDIS_SENTINEL_PASSWORD is set, but no Sentinels are; write redis-sentinel://."],
    ],
    [
      "a wrong address, without its password",
      { flags: { engine: "redis", redis: "redis://ann:secret@cache:x" } },
      [expect.stringMatching(/^Flag --redis is "redis:\/\/\.\.\.@cache:x"; it must be redis:\/\/HOST/)],
    ],
    [
      "a prefix with braces",
      { flags: { engine: "redis", redis: "redis://cache", redisPrefix: "{a}" } },
      [expect.stringMatching(/^Flag --redis-prefix is "{a}"; it must be 1 to 64 letters/)],
    ],
  ])("tells of %s", (_, sources, problems) => {
    expect(load(sources)).toEqual({ ok: false, problems });
  });

  it("tells of all problems at once", () => {
    const loaded = load({
      flags: { grpcPort: "x", limit: ["nothing=1"] },
      env: { ALDIS_LOG_LEVEL: "loud", ALDIS_NOTHING: "1", ALDIS_LIMIT_DRAIN_MS: "soon" },
    });

    expect(loaded).toMatchObject({ ok: false, problems: { length: 5 } });
  });

  it("never tells a secret", () => {
    const loaded = load({ env: { ALDIS_TOKEN_SECRET: "too short" } });

    expect(loaded).toEqual({
      ok: false,
      problems: ["Variable ALDIS_TOKEN_SECRET does not do; it must be at least 32 bytes long."],
    });
  });

  it("has a default without any source, for an embedded server", () => {
    expect(defaultConfig("data")).toMatchObject({ dataDir: "data", development: true, limits: defaultLimits });
  });
});

describe("the default data directory", () => {
  it.each([
    ["/data/aldis", { XDG_DATA_HOME: "/data", HOME: "/home/ann" }],
    ["/home/ann/.local/share/aldis", { XDG_DATA_HOME: "relative", HOME: "/home/ann" }],
    ["/home/ann/.local/share/aldis", { HOME: "/home/ann" }],
  ])("is %s for %j", (path, env) => {
    expect(defaultDataDir(env)).toBe(path);
  });
});

describe("the help on the configuration", () => {
  it("names flag, variable and default of a setting", () => {
    expect(describeConfig()).toContainEqual({
      key: "grpcPort",
      flag: "--grpc-port <value>",
      variable: "ALDIS_GRPC_PORT",
      defaultText: "7400",
      about: expect.any(String),
      isSwitch: false,
    });
  });

  it("has no flag for a secret, since other users see the flags of a process", () => {
    expect(describeConfig().find(({ key }) => key === "tokenSecret")?.flag).toBeUndefined();
  });

  it("says something on every setting", () => {
    expect(describeConfig().filter(({ about, defaultText }) => about === "" || defaultText === "undefined")).toEqual([]);
  });
});
