import { type Runtime, randomId } from "../../runtime.js";
import { EngineUnavailable } from "../ports/unavailable.js";
import type { ByteScripts, ScriptWire } from "./client.js";
import { type Connection, patienceMs } from "./connection.js";
import { judge, portError } from "./failure.js";
import { keyOf } from "./keys.js";
import type { Argument, Reply, Script } from "./script.js";

/** The pause before a server that cannot serve now (it loads, or is a replica) is asked again, in milliseconds. */
const pauseMs = 50;

export interface RunnerOptions {
  readonly connection: Connection;
  readonly runtime: Runtime;
  /** What all keys begin with. */
  readonly prefix: string;
  /** The time of the engine in milliseconds since 1970; by default that of Redis. For tests. */
  readonly now?: (() => number) | undefined;
  /** How many replicas must have a change before it counts; by default none. */
  readonly replicas?: number | undefined;
}

/** What a call may have besides its named arguments. */
export interface More {
  /** Arguments from `ARGV[rest]` on. */
  readonly rest?: readonly Argument[];
  /** What stands behind the keys whose name ends in ":". */
  readonly suffix?: string;
}

/** How long a replica may take to have a change, in milliseconds. */
const replicaPatienceMs = 1000;

/**
 * Runs scripts. A call that got no answer is made again when there is a connection, within a few seconds; a change is made once all
 * the same. Calls of one tag take effect in the order in which they were made. One round trip each.
 */
export class Runner {
  constructor(private readonly options: RunnerOptions) {}

  get connection(): Connection {
    return this.options.connection;
  }

  get prefix(): string {
    return this.options.prefix;
  }

  /** Rejects with `EngineUnavailable` if Redis cannot be asked, or with what the script has thrown. */
  async run<Key extends string, Arg extends string>(
    script: Script<Key, Arg>,
    tag: string,
    args: Readonly<Record<Arg, Argument>>,
    more: More = {},
  ): Promise<Reply> {
    const { connection, runtime } = this.options;
    const token = script.kind === "change" ? randomId(runtime, 96) : "";
    // Counted from the first failure.
    let untilMs = Number.POSITIVE_INFINITY;
    for (let again = false; ; again = true) {
      await connection.available();
      try {
        return await this.attempt(script, this.wire(script, tag, args, more, token, again));
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        if (error instanceof EngineUnavailable) throw error;
        const failure = judge(error);
        const nowMs = runtime.clock.monotonic();
        if (failure !== "ask-again" || nowMs >= untilMs) throw portError(failure, error);
        untilMs = Math.min(untilMs, nowMs + patienceMs);
        if (connection.isThere) await new Promise<void>((resolve) => runtime.clock.after(pauseMs, resolve));
      }
    }
  }

  /** The number of keys, the keys and the arguments, as EVALSHA takes them. */
  private wire(
    { kind, keys, args: names }: Script,
    tag: string,
    args: Readonly<Record<string, Argument>>,
    { rest = [], suffix = "" }: More,
    token: string,
    again: boolean,
  ): ScriptWire {
    const { prefix, now } = this.options;
    const named = keys.map((key) => keyOf(prefix, tag, key.endsWith(":") ? key + suffix : key));
    const all = kind === "change" ? [keyOf(prefix, tag, `once:${token}`), ...named] : named;
    const time = now === undefined ? "" : String(now());
    // The life is that of the connection over which this attempt goes.
    const fixed = [time, keyOf(prefix, tag), again || this.repeats ? "1" : "0", this.connection.life];
    const values = [...names.map((name) => args[name] ?? ""), ...rest].map(wireArgument);
    return [all.length, ...all, ...fixed, ...values];
  }

  private async attempt(script: Script, wire: ScriptWire): Promise<Reply> {
    const { replicas = 0 } = this.options;
    try {
      if (replicas > 0 && script.kind !== "read") return await this.attemptSafely(script.sha, wire, replicas);
      return (await this.connection.client.evalshaBuffer(script.sha, ...wire)) as Reply;
    } catch (error) {
      if (!(error instanceof Error) || judge(error) !== "no-script") throw error;
      return (await this.connection.client.evalBuffer(script.text, ...wire)) as Reply;
    }
  }

  /** A change counts only when replicas have it. */
  private async attemptSafely(sha: string, wire: ScriptWire, replicas: number): Promise<Reply> {
    const pipeline = this.connection.client.pipeline();
    // A pipeline has the same calls, and they are answered together.
    void (pipeline as unknown as ByteScripts).evalshaBuffer(sha, ...wire);
    pipeline.wait(replicas, replicaPatienceMs);
    const [changed, waited] = (await pipeline.exec()) ?? [];
    const error = changed?.[0] ?? waited?.[0];
    if (error) throw error;
    if (Number(waited?.[1] ?? 0) < replicas)
      throw new EngineUnavailable(`fewer than ${replicas} replicas of Redis have the change`);
    return changed?.[1] as Reply;
  }

  /** A client of a cluster may send a call again by itself. */
  private get repeats(): boolean {
    return this.connection.client.isCluster;
  }
}

function wireArgument(value: Argument): string | Buffer {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
