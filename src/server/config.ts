// The configuration of a server: flags go before the environment, that before the file, that before the defaults.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { z } from "zod";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { minSecretBytes } from "./auth/token-key.js";
import { parseRedisUrl, type RedisTarget } from "./config/redis-target.js";
import { configSchema, settingInfo } from "./config/schema.js";
import {
  type Environment,
  type Flags,
  type GivenValue,
  readConfigFile,
  readEnvironment,
  readFlags,
  type SourceContent,
} from "./config/sources.js";

export { describeConfig } from "./config/help.js";
export { describeRedis, type RedisTarget } from "./config/redis-target.js";
export type { Environment, Flags } from "./config/sources.js";

type Settings = z.output<typeof configSchema>;

/** The settings of a server, complete and checked. What each one means stands in `configSchema`. */
export type Config = Readonly<
  Omit<Settings, "development" | "tokenSecretFile" | "limits" | "redis" | "redisPassword" | "redisPasswordFile">
> & {
  readonly development: boolean;
  /** Where Redis is, with its password. Undefined unless `engine` is "redis". */
  readonly redis?: RedisTarget | undefined;
  readonly limits: Readonly<Limits>;
};

/** Where `loadConfig` looks. */
export interface ConfigSources {
  readonly flags: Flags;
  readonly env: Environment;
  /** Reads a text file; throws an `Error` if it cannot. */
  readonly readFile: (path: string) => string;
}

/** Each problem is a sentence for people: the source, the value unless it is a secret, and what is allowed. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The configuration from all sources, or everything that is wrong with it. Never throws. */
export function loadConfig({ flags, env, readFile }: ConfigSources): LoadedConfig {
  const sources = [loadFile(flags, env, readFile), readEnvironment(env), readFlags(flags)];
  const given = new Map(sources.flatMap((source) => source.values).map((value) => [value.path, value]));
  const checked = configSchema.safeParse({ dataDir: defaultDataDir(env), ...nested(given) });
  const problems = sources.flatMap((source) => source.problems);
  if (!checked.success) {
    const paths = new Set(checked.error.issues.map((issue) => settingPath(issue.path)));
    return { ok: false, problems: [...problems, ...[...paths].map((path) => badValue(path, given.get(path)))] };
  }
  const completed = complete(checked.data, given, readFile);
  problems.push(...completed.problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: completed.config };
}

/** The configuration where nobody sets anything: what an embedded server starts from. */
export function defaultConfig(dataDir: string): Config {
  return withoutSecretFiles({ ...configSchema.parse({ dataDir }), development: true }, undefined);
}

/** Where data is kept unless the configuration says it. `XDG_DATA_HOME` counts only as an absolute path, as its rule says. */
export function defaultDataDir(env: Environment): string {
  const dataHome = env.XDG_DATA_HOME ?? "";
  return join(isAbsolute(dataHome) ? dataHome : join(env.HOME || homedir(), ".local", "share"), "aldis");
}

function loadFile(flags: Flags, env: Environment, readFile: ConfigSources["readFile"]): SourceContent {
  const path = flags.config ?? env.ALDIS_CONFIG;
  if (path === undefined) return { values: [], problems: [] };
  const text = tryRead(path, readFile);
  if (text.ok) return readConfigFile(path, text.value);
  const source = flags.config === undefined ? "Variable ALDIS_CONFIG" : "Flag --config";
  return { values: [], problems: [`${source} names "${path}", which cannot be read: ${text.problem}.`] };
}

function nested(given: ReadonlyMap<string, GivenValue>): Record<string, unknown> {
  const limits: Record<string, unknown> = {};
  const settings: Record<string, unknown> = { limits };
  for (const { path, value } of given.values()) {
    if (path.startsWith("limits.")) limits[path.slice("limits.".length)] = value;
    else settings[path] = value;
  }
  return settings;
}

/** The path of the setting in which something is wrong: an element of a list is no setting. */
function settingPath(path: readonly PropertyKey[]): string {
  return path.slice(0, path[0] === "limits" ? 2 : 1).join(".");
}

function badValue(path: string, given: GivenValue | undefined): string {
  const { allowed, isSecret } = settingInfo(path);
  const fault = isSecret ? "does not do" : `is ${withoutPassword(JSON.stringify(given?.value))}`;
  return `${given?.source ?? path} ${fault}; it must be ${allowed}.`;
}

/** An address that somebody typed may have a password in it. */
const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/, "//...@");

/** What one setting means for another. */
function complete(settings: Settings, given: ReadonlyMap<string, GivenValue>, readFile: ConfigSources["readFile"]) {
  const read = { given, readFile, problems: [...limitProblems(settings.limits), ...tlsProblems(settings)] };
  const { problems } = read;
  const tokenSecret = secretOf("tokenSecret", settings, read);
  if (settings.tokenSecretFile !== undefined && tokenSecret !== undefined && Buffer.byteLength(tokenSecret) < minSecretBytes) {
    const { source } = given.get("tokenSecretFile") ?? { source: "tokenSecretFile" };
    problems.push(
      `${source} names "${settings.tokenSecretFile}", whose secret is too short; it must be ${settingInfo("tokenSecret").allowed}.`,
    );
  }
  const redis = redisOf(settings, read);
  const hasKeys = tokenSecret !== undefined || settings.appsFile !== undefined;
  const development = settings.development ?? !hasKeys;
  if (!development && !hasKeys && !settings.allowNoToken) {
    problems.push(
      "There is no token secret, and development is off; set ALDIS_TOKEN_SECRET, --token-secret-file or --apps-file.",
    );
  }
  if (settings.appsFile !== undefined) {
    const others = (["appId", "tokenSecret", "tokenSecretFile"] as const).flatMap((name) => given.get(name)?.source ?? []);
    if (settings.development === true) others.push(given.get("development")?.source ?? "development");
    problems.push(...others.map((source) => `${source} and an apps file are both set; set one of them.`));
  }
  return { problems, config: withoutSecretFiles({ ...settings, tokenSecret, development }, redis) };
}

/** What is needed to complete settings; problems are added to. */
interface Reading {
  readonly given: ReadonlyMap<string, GivenValue>;
  readonly readFile: ConfigSources["readFile"];
  readonly problems: string[];
}

/** A secret that is set, or is in a file that is set. Undefined if there is none. */
function secretOf(
  name: "tokenSecret" | "redisPassword",
  settings: Settings,
  { given, readFile, problems }: Reading,
): string | undefined {
  const [secret, path] = [settings[name], settings[`${name}File`]];
  if (path === undefined) return secret;
  const source = given.get(`${name}File`)?.source ?? `${name}File`;
  const what = { tokenSecret: "a token secret", redisPassword: "a password of Redis" }[name];
  if (secret !== undefined) problems.push(`${source} and ${what} are both set; set one of them.`);
  const text = tryRead(path, readFile);
  if (text.ok) return text.value.replace(/[\r\n]+$/, "");
  problems.push(`${source} names "${path}", which cannot be read: ${text.problem}.`);
  return secret;
}

/** Where Redis is, for the engine that uses it. */
function redisOf(settings: Settings, reading: Reading): RedisTarget | undefined {
  const { engine, redis } = settings;
  const { given, problems } = reading;
  if (engine !== "redis") {
    const names = ["redis", "redisPassword", "redisPasswordFile", "redisPrefix", "redisProfile"] as const;
    const sources = names.flatMap((name) => given.get(name)?.source ?? []);
    problems.push(...sources.map((source) => `${source} is set, but the engine is ${engine}; set --engine redis.`));
    return undefined;
  }
  const store = given.get("store");
  if (store !== undefined)
    problems.push(`${store.source} and the engine redis are both set; Redis is the store. Set one of them.`);
  const address = redis === undefined ? undefined : parseRedisUrl(redis);
  if (address === undefined) {
    problems.push("The engine is redis, but nothing says where Redis is; set --redis redis://HOST:PORT.");
    return undefined;
  }
  const password = secretOf("redisPassword", settings, reading);
  if (password === undefined) return address;
  if (address.password !== "") problems.push("The address of Redis has a password, and another one is set; set one of them.");
  return { ...address, password };
}

function tlsProblems({ tlsCertFile, tlsKeyFile, tlsClientCaFile }: Settings): string[] {
  if (
    (tlsCertFile === undefined) === (tlsKeyFile === undefined) &&
    (tlsClientCaFile === undefined || tlsCertFile !== undefined)
  ) {
    return [];
  }
  return ["TLS needs both a certificate and its key; set tlsCertFile and tlsKeyFile."];
}

function limitProblems(limits: Limits): string[] {
  // Otherwise a user with a good link would be unreachable or offline between two pings.
  const rising = [
    ["heartbeatIntervalMs", "unreachableAfterMs"],
    ["unreachableAfterMs", "silenceTimeoutMs"],
    ["unreachableAfterMs", "presenceGraceMs"],
  ] as const;
  return rising
    .filter(([lower, higher]) => limits[lower] >= limits[higher])
    .map(
      ([lower, higher]) => `The limit ${lower} is ${limits[lower]}; it must be below ${higher}, which is ${limits[higher]}.`,
    );
}

function withoutSecretFiles(settings: Settings & { development: boolean }, redis: RedisTarget | undefined): Config {
  const { tokenSecretFile: _token, redisPasswordFile: _file, redisPassword: _password, ...config } = settings;
  return { ...config, redis };
}

function tryRead(path: string, readFile: ConfigSources["readFile"]) {
  try {
    return { ok: true as const, value: readFile(path) };
  } catch (thrown) {
    return { ok: false as const, problem: thrown instanceof Error ? thrown.message : "unknown fault" };
  }
}
