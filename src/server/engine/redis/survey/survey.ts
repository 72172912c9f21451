import { type RedisCaller, type ServerFacts, serverFacts } from "./facts.js";
import { failed, ok, type RedisFinding, warning } from "./finding.js";

/** What is expected of a Redis. */
export interface Expectation {
  readonly kind: "single" | "sentinel" | "cluster";
  readonly prefix: string;
  readonly profile: "fast" | "durable";
  /** The time of this machine, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Looks whether Aldis can run on a server, and how well. Changes nothing. Rejects if the server cannot be asked. */
export async function surveyServer(caller: RedisCaller, expectation: Expectation): Promise<readonly RedisFinding[]> {
  const facts = await serverFacts(caller);
  const findings = [
    judgeVersion(facts),
    judgeMode(facts, expectation),
    judgeRole(facts),
    judgeEviction(facts),
    judgeMemory(facts),
    ...judgeDurability(facts, expectation),
    await judgeClock(caller, expectation),
    await judgeKeys(caller, expectation),
  ];
  return findings.filter((finding) => finding !== undefined);
}

type Judgement = RedisFinding | undefined;

const oldest = [7, 0];

function judgeVersion({ version, name }: ServerFacts): Judgement {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needed = 0, neededMinor = 0] = oldest;
  if (major > needed || (major === needed && minor >= neededMinor)) return ok(`${name} ${version}`);
  return failed(`${name} ${version} is too old`, `Update it: Aldis needs Redis ${oldest.join(".")} or later, or Valkey.`);
}

function judgeMode({ mode }: ServerFacts, { kind }: Expectation): Judgement {
  if (mode === "sentinel")
    return failed("it is a Sentinel", "Write redis-sentinel://HOST:PORT,HOST:PORT/NAME, with the name that it watches.");
  if (mode === "cluster" && kind !== "cluster")
    return failed("it is a node of a Redis Cluster", "Write redis-cluster:// in place of redis:// in the address.");
  if (mode !== "cluster" && kind === "cluster")
    return failed("it is a single Redis, and no node of a Redis Cluster", "Write redis:// in place of redis-cluster://.");
  return undefined;
}

function judgeRole({ isReplica, mode }: ServerFacts): Judgement {
  if (!isReplica || mode === "cluster") return undefined;
  return failed(
    "it is a replica, which takes no writes",
    "Give the address of its master, or those of Sentinels that know it.",
  );
}

function judgeEviction({ evictionPolicy, maxMemory }: ServerFacts): Judgement {
  if (evictionPolicy === "noeviction") return undefined;
  const advice = "Set maxmemory-policy noeviction: whatever Redis throws away to make room, users lose.";
  const found = `its eviction policy is ${evictionPolicy}`;
  return maxMemory > 0 ? failed(found, advice) : warning(`${found}, and it has no limit of memory yet`, advice);
}

/** The share of the memory above which an operator has to act. */
const fullShare = 0.8;

function judgeMemory({ maxMemory, usedMemory }: ServerFacts): Judgement {
  const [used, most] = [mebibytes(usedMemory), mebibytes(maxMemory)];
  if (maxMemory === 0) {
    const advice = "Set maxmemory to about 70 % of what the machine can spare, or the system ends Redis when memory is short.";
    return warning(`it uses ${used} MiB, and has no limit of memory`, advice);
  }
  if (usedMemory < maxMemory * fullShare) return ok(`it uses ${used} of ${most} MiB`);
  return warning(`it uses ${used} of ${most} MiB`, "Give it more memory: when it is full, nothing new can be stored.");
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

function judgeDurability(facts: ServerFacts, { profile }: Expectation): readonly RedisFinding[] {
  const { appendOnly, appendFsync, minReplicas, replicas } = facts;
  if (profile === "fast") {
    if (appendOnly) return [ok(`append-only file, synced ${appendFsync || "as its operator says"}`)];
    const found = "it has no append-only file: a restart of Redis loses everything, which clients are told";
    return [warning(found, "Set appendonly yes and appendfsync everysec.")];
  }
  const findings: RedisFinding[] = [];
  if (!appendOnly) findings.push(failed("it has no append-only file", "Set appendonly yes and appendfsync always."));
  else if (appendFsync === "")
    findings.push(warning("it does not tell when it syncs", "See to it that appendfsync is always."));
  else if (appendFsync !== "always")
    findings.push(failed(`it syncs ${appendFsync}: the newest writes can be lost`, "Set appendfsync always."));
  if (replicas === 0)
    findings.push(failed("no replica follows it, and this profile waits for one", "Give it one, or take the profile fast."));
  else if (minReplicas === 0)
    findings.push(warning("it takes writes without a replica", "Set min-replicas-to-write 1, or a failover may lose them."));
  return findings.length > 0 ? findings : [ok(`append-only file, synced always, ${replicas} replicas`)];
}

/** How far clocks may be apart before people wonder about the times that they see. */
const clockGraceMs = 2000;

async function judgeClock(caller: RedisCaller, { now }: Expectation): Promise<Judgement> {
  const askedAt = now();
  const [seconds, micros] = (await caller.call("TIME")) as [string, string];
  const offsetMs = Number(seconds) * 1000 + Number(micros) / 1000 - (askedAt + now()) / 2;
  if (Math.abs(offsetMs) <= clockGraceMs) return ok("its clock is that of this machine");
  const found = `its clock is ${Math.abs(offsetMs / 1000).toFixed(1)} s ${offsetMs > 0 ? "ahead of" : "behind"} this machine's`;
  const advice = "Set both clocks by NTP. Leases and timers go by that of Redis; tokens go by that of this machine.";
  return warning(found, advice);
}

/** A look at keys is bounded: that many steps, each over about that many keys. */
const [scanSteps, scanCount] = [20, 1000];

/** Keys of Aldis have a tag in braces behind the prefix. */
async function judgeKeys(caller: RedisCaller, { prefix }: Expectation): Promise<Judgement> {
  let cursor = "0";
  for (let step = 0; step < scanSteps; step += 1) {
    const [next, keys] = (await caller.call("SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", scanCount)) as [string, string[]];
    const foreign = keys.find((key) => !key.startsWith(`${prefix}{`));
    if (foreign !== undefined) {
      const found = `another application has keys under "${prefix}", such as "${foreign.slice(0, 100)}"`;
      return failed(
        found,
        "Choose another --redis-prefix, the same for all servers that belong together, or another database.",
      );
    }
    if (next === "0") break;
    cursor = next;
  }
  return undefined;
}
