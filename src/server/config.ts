// The configuration of a server: flags go before the environment, that before the file, that before the defaults.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { minSecretBytes } from "./auth/token-key.js";
import { type Reading, secretOf, sourceOf, tryRead } from "./config/reading.js";
import { type RedisAccessName, redisAccessNames, redisOf } from "./config/redis-settings.js";
import type { RedisTarget } from "./config/redis-target.js";
import { configSchema, type Settings, settingInfo } from "./config/schema.js";
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

/** The settings of a server, complete and checked. What each one means stands in `configSchema`. */
export type Config = Readonly<Omit<Settings, "development" | "tokenSecretFile" | "limits" | "redis" | RedisAccessName>> & {
  readonly development: boolean;
  /** Where Redis is, with passwords and certificates. Undefined unless `engine` is "redis". */
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
  const read: Reading = { given, readFile, problems: [...limitProblems(settings.limits), ...tlsProblems(settings)] };
  const { problems } = read;
  const tokenSecret = secretOf("tokenSecret", settings, read);
  if (settings.tokenSecretFile !== undefined && tokenSecret !== undefined && Buffer.byteLength(tokenSecret) < minSecretBytes) {
    problems.push(
      `${sourceOf("tokenSecretFile", read)} names "${settings.tokenSecretFile}", whose secret is too short; it must be ${settingInfo("tokenSecret").allowed}.`,
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
    if (settings.development === true) others.push(sourceOf("development", read));
    problems.push(...others.map((source) => `${source} and an apps file are both set; set one of them.`));
  }
  return { problems, config: withoutSecretFiles({ ...settings, tokenSecret, development }, redis) };
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
  const config = { ...settings, redis };
  for (const name of ["tokenSecretFile", ...redisAccessNames] as const) delete config[name];
  return config;
}
