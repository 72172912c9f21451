/** The way to one server. */
export interface RedisCaller {
  /** Runs a command. Rejects with what Redis says against it. */
  call(command: string, ...args: readonly (string | number)[]): Promise<unknown>;
}

/** What a server says of itself. */
export interface ServerFacts {
  readonly name: "Redis" | "Valkey";
  readonly version: string;
  readonly mode: string;
  readonly isReplica: boolean;
  /** The number of replicas that are connected. */
  readonly replicas: number;
  /** In bytes. 0 for no limit. */
  readonly maxMemory: number;
  readonly usedMemory: number;
  readonly evictionPolicy: string;
  readonly appendOnly: boolean;
  /** Empty if the server does not tell, as rented ones do. */
  readonly appendFsync: string;
  readonly minReplicas: number;
}

export async function serverFacts(caller: RedisCaller): Promise<ServerFacts> {
  const info = fieldsOf(`${await caller.call("INFO")}`);
  const settings = await settingsOf(caller);
  const field = (name: string) => info.get(name) ?? "";
  const valkey = info.get("valkey_version");
  return {
    name: valkey === undefined ? "Redis" : "Valkey",
    version: valkey ?? field("redis_version"),
    mode: field("redis_mode"),
    isReplica: field("role") === "slave",
    replicas: Number(field("connected_slaves")),
    maxMemory: Number(field("maxmemory")),
    usedMemory: Number(field("used_memory")),
    evictionPolicy: field("maxmemory_policy"),
    appendOnly: field("aof_enabled") === "1",
    appendFsync: settings.get("appendfsync") ?? "",
    minReplicas: Number(settings.get("min-replicas-to-write") ?? 0),
  };
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(":");
      return at > 0 && !line.startsWith("#") ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}

/** Rented servers do not let their users see settings. */
async function settingsOf(caller: RedisCaller): Promise<ReadonlyMap<string, string>> {
  const answers = await Promise.all(
    ["appendfsync", "min-replicas-to-write"].map((name) => caller.call("CONFIG", "GET", name).catch(() => [])),
  );
  return new Map(answers.flatMap((answer) => (Array.isArray(answer) ? [[`${answer[0]}`, `${answer[1]}`] as const] : [])));
}
