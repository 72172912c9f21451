/** Where Redis is, and how to be let in. */
export interface RedisTarget {
  readonly address: RedisAddress;
  /** The number of the database; 0 in a cluster. */
  readonly database: number;
  /** Empty for the default user. */
  readonly username: string;
  /** Empty for none. */
  readonly password: string;
  /** What Sentinels ask for. Empty for none. */
  readonly sentinelPassword: string;
  /** How servers and Sentinels are reached over TLS. Undefined for in the clear. */
  readonly tls: RedisTls | undefined;
}

/** Texts in PEM, which are changed in place when they are renewed: each connection goes by those that are here when it is made. */
export interface RedisTls {
  /** The roots in place of the usual ones. */
  ca?: string | undefined;
  /** What the node shows of itself, and its key. By default nothing. */
  cert?: string | undefined;
  key?: string | undefined;
}

export type RedisAddress =
  | ({ readonly kind: "single" } & RedisHost)
  /** Several sentinels that know where the master of a name is. */
  | { readonly kind: "sentinel"; readonly sentinels: readonly RedisHost[]; readonly name: string }
  /** Some nodes of a Redis Cluster. */
  | { readonly kind: "cluster"; readonly nodes: readonly RedisHost[] };

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

const defaultPort = 6379;
const defaultSentinelPort = 26_379;

/**
 * Reads one of these; undefined for anything else:
 * - `redis://[[user]:password@]host[:port][/database]`
 * - `redis-sentinel://[[user]:password@]host[:port][,host[:port]...]/name[/database]`
 * - `redis-cluster://[[user]:password@]host[:port][,host[:port]...]`
 *
 * With `rediss` in the place of `redis` all of it is reached over TLS. User and password are those of the server, percent-encoded.
 */
export function parseRedisUrl(text: string): RedisTarget | undefined {
  const match = /^redis(s?)(-sentinel|-cluster)?:\/\/(?:([^@/]*)@)?([^@/]+)((?:\/[^/]+)*)\/?$/.exec(text);
  if (match === null) return undefined;
  const [, secure, kind, user = "", hosts = "", path = ""] = match;
  const parts = path.split("/").slice(1);
  const address = parseAddress(kind, hosts.split(","), parts);
  const database = kind === "-cluster" ? 0 : parseNumber(parts.shift() ?? "0");
  const credentials = parseCredentials(user);
  if (address === undefined || database === undefined || credentials === undefined || parts.length > 0) return undefined;
  return { address, database, ...credentials, sentinelPassword: "", tls: secure === "s" ? {} : undefined };
}

/** Takes what it needs of the parts of the path. */
function parseAddress(kind: string | undefined, texts: readonly string[], parts: string[]): RedisAddress | undefined {
  const hosts = texts.flatMap((text) => parseHost(text, kind === "-sentinel" ? defaultSentinelPort : defaultPort) ?? []);
  const [first] = hosts;
  if (first === undefined || hosts.length < texts.length) return undefined;
  if (kind === "-cluster") return { kind: "cluster", nodes: hosts };
  if (kind === undefined) return hosts.length === 1 ? { kind: "single", ...first } : undefined;
  const name = parts.shift();
  return name === undefined ? undefined : { kind: "sentinel", sentinels: hosts, name };
}

/** Takes the certificates of a target that is the same otherwise. False if there is none, or if they are not other ones. */
export function renewTls(target: RedisTarget | undefined, renewed: RedisTarget | undefined): boolean {
  if (target?.tls === undefined || renewed?.tls === undefined) return false;
  const isSame = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);
  if (isSame(target.tls, renewed.tls) || !isSame({ ...target, tls: "" }, { ...renewed, tls: "" })) return false;
  Object.assign(target.tls, renewed.tls);
  return true;
}

/** Where it is, for people: without user and password. */
export function describeRedis({ address, database, tls }: RedisTarget): string {
  const [kind, hosts, name] = partsOf(address);
  const places = hosts.map(({ host, port }) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`));
  return `redis${tls === undefined ? "" : "s"}${kind}://${places.join(",")}${name}${database === 0 ? "" : `/${database}`}`;
}

function partsOf(address: RedisAddress): readonly [string, readonly RedisHost[], string] {
  if (address.kind === "single") return ["", [address], ""];
  if (address.kind === "cluster") return ["-cluster", address.nodes, ""];
  return ["-sentinel", address.sentinels, `/${address.name}`];
}

function parseHost(text: string, defaultPort: number): RedisHost | undefined {
  const [, bracketed, plain, portText = `${defaultPort}`] =
    /^(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9._-]+))(?::(\d+))?$/.exec(text) ?? [];
  const [host, port] = [bracketed ?? plain, parseNumber(portText)];
  return host === undefined || port === undefined || port === 0 ? undefined : { host, port };
}

/** The number of a port or a database. */
function parseNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function parseCredentials(text: string): Pick<RedisTarget, "username" | "password"> | undefined {
  const [username = "", ...rest] = text.split(":");
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(rest.join(":")) };
  } catch {
    return undefined;
  }
}
