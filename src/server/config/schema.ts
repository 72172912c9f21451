// Every setting of the server: its type, what is allowed, its default, and what help says about it.
import { isIP } from "node:net";
import { z } from "zod";
import { type LimitName, type LimitRule, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import { minKeyBytes } from "../auth/admin-keys.js";
import { minSecretBytes } from "../auth/token-key.js";
import { parseRedisUrl } from "./redis-target.js";

/** What messages and help say about a setting. */
export interface SettingInfo {
  /** What the setting is for: one sentence for help. */
  readonly about: string;
  /** What a value must be: it follows "it must be". */
  readonly allowed: string;
  /** The default in words, where the schema has none of its own. */
  readonly defaultText?: string;
  /** True for a setting that is on or off, so that its flag takes no value. */
  readonly isSwitch?: boolean;
  /** True for a value that is never printed and has no flag, since other users see the flags of a process. */
  readonly isSecret?: boolean;
}

const infos = z.registry<SettingInfo>();

function setting<T extends z.ZodType>(schema: T, info: SettingInfo): T {
  infos.add(schema, info);
  return schema;
}

/** Flags and variables are texts, so a text that is a number or a switch counts as one; all else is left to the check. */
function fromText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value === "true" || value === "false") return value === "true";
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** The path of a file, with what is so without one. */
function file(about: string, defaultText = "none") {
  return setting(z.string().min(1).optional(), { about, allowed: "the path of a file", defaultText });
}

/** A list; flags and variables give it as one text with commas. */
function list<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((text) => text.trim()) : value),
    z.array(item),
  );
}

/** True for an address such as "10.0.0.1", or a network such as "10.0.0.0/8". */
function isNetwork(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && bits >= 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
}

const port = z.preprocess(fromText, z.int().min(0).max(65535));
const host = z.string().regex(/^[A-Za-z0-9._:%-]{1,255}$/);
const label = (maxBytes: number) =>
  z.string().refine((text) => text !== "" && Buffer.byteLength(text) <= maxBytes && !/\p{Cc}/u.test(text));
const stores = ["disk", "memory"] as const;
const engines = ["embedded", "redis"] as const;
const redisProfiles = ["fast", "durable"] as const;
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

function limitSetting(rule: LimitRule) {
  const window = rule.windowMs > 0 ? ` in ${rule.windowMs} ms` : "";
  const range = Number.isFinite(rule.max) ? `from ${rule.min} to ${rule.max}` : `of at least ${rule.min}`;
  const number = z.int().min(rule.min).max(Math.min(rule.max, Number.MAX_SAFE_INTEGER));
  return setting(z.preprocess(fromText, number).default(rule.default), {
    about: `The limit ${rule.name}.`,
    allowed: `a whole number ${range} (${rule.unit}${window})`,
  });
}

function limitSettings() {
  const entries = Object.entries(limitTable).map(([name, rule]) => [name, limitSetting(rule)]);
  return z.object(Object.fromEntries(entries) as Record<LimitName, ReturnType<typeof limitSetting>>);
}

/** The one schema of flags, variables and file. */
export const configSchema = z.object({
  grpcHost: setting(host.default("127.0.0.1"), {
    about: "The address on which gRPC listens; 0.0.0.0 or :: for all.",
    allowed: "a host name or an IP address",
  }),
  grpcPort: setting(port.default(7400), {
    about: "The port on which gRPC listens; 0 for any free one.",
    allowed: "a whole number from 0 to 65535",
  }),
  tlsCertFile: file(
    "The certificate of the server in PEM, with those between it and the root; renewed files are taken while it runs.",
    "none: gRPC in the clear",
  ),
  tlsKeyFile: file("The private key of the certificate in PEM."),
  tlsClientCaFile: file(
    "The certificates in PEM by one of which every client must show its own.",
    "none: clients need no certificate",
  ),
  allowPlaintext: setting(z.preprocess(fromText, z.boolean()).default(false), {
    about: "Listen without TLS on an address that strangers may reach, for example behind a proxy that has it.",
    allowed: "true or false",
    isSwitch: true,
  }),
  httpHost: setting(host.default("127.0.0.1"), {
    about: "The address on which HTTP listens, for health and metrics.",
    allowed: "a host name or an IP address",
  }),
  httpPort: setting(port.default(7401), {
    about: "The port on which HTTP listens; 0 for any free one.",
    allowed: "a whole number from 0 to 65535",
  }),
  dataDir: setting(z.string().min(1), {
    about: "The directory for what outlives the server.",
    allowed: "the path of a directory",
    defaultText: "$XDG_DATA_HOME/aldis, or ~/.local/share/aldis",
  }),
  store: setting(z.enum(stores).optional(), {
    about: "Where stored messages, attributes, invitations, channel logs and bans are: disk outlives the server.",
    allowed: `one of ${stores.join(", ")}`,
    defaultText: "disk if the server listens, else memory",
  }),
  minFreeBytes: setting(z.preprocess(fromText, z.int().min(0)).default(64 * 1024 * 1024), {
    about: "The free bytes on the disk of the data below which nothing more is stored, until there are a quarter more.",
    allowed: "a whole number of bytes, or 0 to use the whole disk",
  }),
  allowSharedDisk: setting(z.preprocess(fromText, z.boolean()).default(false), {
    about: "Keep data on a network file system all the same. If two servers use them there, the data may be destroyed.",
    allowed: "true or false",
    isSwitch: true,
  }),
  engine: setting(z.enum(engines).default("embedded"), {
    about: "Where what users share is: embedded in this one server, or in a Redis that several servers share.",
    allowed: `one of ${engines.join(", ")}`,
  }),
  redis: setting(
    z
      .string()
      .refine((text) => parseRedisUrl(text) !== undefined)
      .optional(),
    {
      about: "Where Redis is (7.0 or later, or Valkey), for the engine redis; rediss in place of redis for TLS.",
      allowed: "redis://HOST:PORT/DATABASE, redis-sentinel://HOST:PORT,HOST:PORT/NAME or redis-cluster://HOST:PORT,HOST:PORT",
      defaultText: "none",
    },
  ),
  redisPassword: setting(z.string().min(1).optional(), {
    about: "The password of Redis.",
    allowed: "a text",
    defaultText: "that of the address, if it has one",
    isSecret: true,
  }),
  redisPasswordFile: file("A file with the password of Redis; line ends at its end do not count."),
  redisSentinelPassword: setting(z.string().min(1).optional(), {
    about: "The password that the Sentinels ask for.",
    allowed: "a text",
    defaultText: "none",
    isSecret: true,
  }),
  redisSentinelPasswordFile: file("A file with the password that the Sentinels ask for; line ends at its end do not count."),
  redisCaFile: file(
    "The certificates in PEM by one of which Redis must show its own; read again when they change, like the next two.",
    "those that Node trusts",
  ),
  redisCertFile: file("The certificate in PEM that Redis is shown, where it asks for one."),
  redisKeyFile: file("The private key in PEM of the certificate that Redis is shown."),
  redisPrefix: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9._:/-]{1,64}$/)
      .default("aldis:"),
    {
      about: "What all keys in Redis begin with: the same for all servers that belong together, and for nobody else.",
      allowed: "1 to 64 letters, digits, dots, colons, slashes, dashes and underscores",
    },
  ),
  redisProfile: setting(z.enum(redisProfiles).default("fast"), {
    about: "What is expected of Redis: durable loses nothing that was confirmed, fast may, and says so.",
    allowed: `one of ${redisProfiles.join(", ")}`,
  }),
  nodeId: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .optional(),
    {
      about: "The name of this node in logs and metrics.",
      allowed: "1 to 64 letters, digits, dots, dashes and underscores",
      defaultText: "random",
    },
  ),
  development: setting(z.preprocess(fromText, z.boolean()).optional(), {
    about: "Make a token key at the start, and share it with clients of the same user on this machine.",
    allowed: "true or false",
    defaultText: "on if no token secret is set",
    isSwitch: true,
  }),
  appId: setting(label(limitTable.appIdBytes.default).default("dev"), {
    about: "The app that the server serves.",
    allowed: `a text of 1 to ${limitTable.appIdBytes.default} bytes without control characters`,
  }),
  appsFile: file("A file with the apps that the server serves and the keys of each, instead of one app with one secret."),
  tokenSecret: setting(
    z
      .string()
      .refine((text) => Buffer.byteLength(text) >= minSecretBytes)
      .optional(),
    {
      about: "The secret with which tokens are signed (HS256).",
      allowed: `at least ${minSecretBytes} bytes long`,
      defaultText: "none",
      isSecret: true,
    },
  ),
  tokenSecretFile: file("A file with the secret with which tokens are signed; line ends at its end do not count."),
  adminKey: setting(
    z
      .string()
      .refine((text) => Buffer.byteLength(text) >= minKeyBytes && !/\s/.test(text))
      .optional(),
    {
      about: "The key of the admin service, for all apps.",
      allowed: `at least ${minKeyBytes} bytes long, without spaces`,
      defaultText: "none",
      isSecret: true,
    },
  ),
  adminKeysFile: file("A file with keys of the admin service, each for one app or for all."),
  auditKeyFile: file(
    "A file with the key by which the audit log hides users; whoever holds it can find somebody there.",
    "audit-key in the data directory, made at the first start",
  ),
  allowNoToken: setting(z.preprocess(fromText, z.boolean()).default(false), {
    about: "Let users in without a token. Only for tests: anybody can be anybody.",
    allowed: "true or false",
    isSwitch: true,
  }),
  storeForAway: setting(z.preprocess(fromText, z.boolean()).default(false), {
    about: "Store messages for users who are away unless their sender says no.",
    allowed: "true or false",
    isSwitch: true,
  }),
  appServerHosts: setting(list(z.string().regex(/^[A-Za-z0-9*._:[\]-]{1,255}$/)).default([]), {
    about: "The hosts of application servers that the server may call for users; * stands for any run of characters.",
    allowed: 'a list of hosts, such as "api.example.com, *.example.org:8443"; a port only if it is not that of the scheme',
    defaultText: "none",
  }),
  appServerNetworks: setting(list(z.string().refine(isNetwork)).default([]), {
    about: "Addresses and networks where application servers may be although these are not public.",
    allowed: 'a list of addresses and networks, such as "10.1.0.0/16, ::1"',
    defaultText: "none",
  }),
  trustedNetworks: setting(list(z.string().refine(isNetwork)).default(["127.0.0.0/8", "::1"]), {
    about: "Addresses and networks of proxies in front of the server, to which the limits by address do not apply.",
    allowed: 'a list of addresses and networks, such as "10.1.0.0/16, ::1"',
    defaultText: "this machine",
  }),
  logLevel: setting(z.enum(logLevels).default("info"), {
    about: "The least serious level that is logged.",
    allowed: `one of ${logLevels.join(", ")}`,
  }),
  limits: limitSettings().prefault({}),
});

/** All settings and limits, with their defaults. */
export type Settings = z.output<typeof configSchema>;

/** All settings but the limits. */
export type SettingName = Exclude<keyof typeof configSchema.shape, "limits">;

/** The names of all settings but the limits, in the order of help. */
export const settingNames: readonly SettingName[] = configSchema.keyof().exclude(["limits"]).options;

const limitShape = configSchema.shape.limits.unwrap().shape;

/** What is known of a setting: `path` is a name such as "grpcPort", or "limits." and the name of a limit. */
export function settingInfo(path: string): SettingInfo & { readonly defaultText: string } {
  const limit = path.startsWith("limits.") ? path.slice("limits.".length) : undefined;
  const schema = limit === undefined ? configSchema.shape[path as SettingName] : limitShape[limit as LimitName];
  const info = infos.get(schema) ?? { about: "", allowed: "something else" };
  return { ...info, defaultText: info.defaultText ?? String(schema.parse(undefined)) };
}

/** "grpcPort" as "grpc-port". */
export const flagName = (name: SettingName): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** "grpcPort" as "ALDIS_GRPC_PORT". */
export const variableName = (name: SettingName): string => `ALDIS_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
