import type { Redis } from "ioredis";
import { type Runtime, randomId } from "../../runtime.js";
import { EngineUnavailable } from "../ports/unavailable.js";
import type { ByteScripts, ScriptWire } from "./client.js";
import { type Connection, patienceMs } from "./connection.js";
import { isAnswer, judge, portError } from "./failure.js";
import { keyOf } from "./keys.js";
import type { Argument, Reply, Script } from "./script.js";

/** The pause before a server that cannot serve now (it loads, or is a replica) is asked again, in milliseconds. */
const pauseMs = 50;

/** What a cluster says of a slot that moves, as long as it has not moved. */
const isOnItsWay = /^(ASK|TRYAGAIN)\b/;

export interface RunnerOptions {
  readonly connection: Connection;
  readonly runtime: Runtime;
  /** What all keys begin with. */
  readonly prefix: string;
  /** The time of the engine in milliseconds since 1970; by default that of Redis. For tests. */
  readonly now?: (() => number) | undefined;
  /** How many replicas must have a change before it counts; by default none. */
  readonly replicas?: number | undefined;
  /** Hears each time that Redis has no room. */
  readonly onFull?: (() => void) | undefined;
}

/** What a call may have besides its named arguments. */
export interface More {
  /** Arguments from `ARGV[rest]` on. */
  readonly rest?: readonly Argument[];
  /** What further keys are called behind the tag, from `KEYS[restKeys]` on. */
  readonly restKeys?: readonly string[];
  /** What stands behind the keys whose name ends in ":". */
  readonly suffix?: string;
  /** Further tags, whose keys stand behind those of the first. Not in a cluster, where each tag may be elsewhere. */
  readonly furtherTags?: readonly string[];
  /** Hears that the call got no answer, and is made again: a Redis that has lost its data meanwhile does not know that it was made. */
  readonly onDoubt?: () => void;
}

/** How long a replica may take to have a change, in milliseconds. */
const replicaPatienceMs = 1000;

/** A call that has no answer yet. */
interface Call {
  readonly script: Script;
  readonly tag: string;
  readonly wire: () => ScriptWire;
  readonly onDoubt: (() => void) | undefined;
  /** The place among all calls. */
  readonly order: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  /** True if Redis may not know the script. */
  byText: boolean;
  /** When patience with it is over; counted from its first failure, or that of the call behind which it waits. */
  untilMs: number;
}

/** The calls of one tag that wait until they can be made, or made again. */
interface Waiting {
  calls: Call[];
  /** True if Redis is to be given some time, since it was asked and could not serve. */
  pauses: boolean;
}

/**
 * Runs scripts. A call that got no answer is made again when there is a connection, within a few seconds; a change is made once all
 * the same. Calls of one tag take effect in the order in which they were made, also those that are made again: while there are
 * such, later ones of the tag wait behind them. One round trip each; in a cluster those of a tag that come meanwhile wait for it, and
 * then go together.
 */
export class Runner {
  /** By tag. */
  readonly #waiting = new Map<string, Waiting>();
  #calls = 0;

  constructor(private readonly options: RunnerOptions) {}

  get connection(): Connection {
    return this.options.connection;
  }

  get prefix(): string {
    return this.options.prefix;
  }

  /** Rejects with `EngineUnavailable` if Redis cannot be asked, or with what the script has thrown. */
  run<Key extends string, Arg extends string>(
    script: Script<Key, Arg>,
    tag: string,
    args: Readonly<Record<Arg, Argument>>,
    more: More = {},
  ): Promise<Reply> {
    const token = script.kind === "change" ? randomId(this.options.runtime, 96) : "";
    const wire = () => this.wire(script, tag, args, more, token);
    this.#calls += 1;
    const order = this.#calls;
    return new Promise((resolve, reject) => {
      const call: Call = {
        script,
        tag,
        wire,
        onDoubt: more.onDoubt,
        order,
        resolve,
        reject,
        byText: false,
        untilMs: Number.POSITIVE_INFINITY,
      };
      // In a cluster the next call may go to another server than those that are under way, so there it waits for them.
      const goesAtOnce = this.connection.isThere && !this.isCluster && !this.#waiting.has(tag);
      if (goesAtOnce) void this.#make(call);
      else this.#wait(call, false);
    });
  }

  async #make(call: Call): Promise<void> {
    try {
      call.resolve(await this.attempt(call));
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const failure = judge(error);
      const nowMs = this.options.runtime.clock.monotonic();
      if (error instanceof EngineUnavailable) call.reject(error);
      else if (failure === "no-script" && !call.byText) {
        // Behind this one wait those that would find the script, so that they do not overtake.
        call.byText = true;
        this.#wait(call, false);
      } else if (failure !== "ask-again" || nowMs >= call.untilMs) {
        if (failure === "full") this.options.onFull?.();
        call.reject(portError(failure, error));
      } else {
        // The client follows nothing by itself, and a slot on its way is still where it was.
        if (!isOnItsWay.test(error.message)) this.connection.findSlots();
        if (!isAnswer(error)) call.onDoubt?.();
        call.untilMs = Math.min(call.untilMs, nowMs + patienceMs);
        this.#wait(call, true);
      }
    }
  }

  #wait(call: Call, pauses: boolean): void {
    const waiting = this.#waiting.get(call.tag);
    if (waiting !== undefined) {
      waiting.calls.push(call);
      waiting.pauses ||= pauses;
      return;
    }
    const first = { calls: [call], pauses };
    this.#waiting.set(call.tag, first);
    void this.#makeWaiting(call.tag, first);
  }

  async #makeWaiting(tag: string, waiting: Waiting): Promise<void> {
    const { connection, runtime } = this.options;
    while (waiting.calls.length > 0) {
      const asksFirst = waiting.pauses;
      // Who did not get an answer from the same connection either comes to wait before anything is made again.
      if (waiting.pauses && connection.isThere) await new Promise<void>((resolve) => runtime.clock.after(pauseMs, resolve));
      waiting.pauses = false;
      const failure = await connection.available().then(
        () => undefined,
        (error: Error) => error,
      );
      const calls = waiting.calls.sort((one, other) => one.order - other.order);
      // The first finds out whether Redis can serve again, so that refusals of many do not keep it and the node busy.
      waiting.calls = asksFirst && failure === undefined ? calls.splice(1) : [];
      if (failure === undefined) await Promise.all(calls.map((call) => this.#make(call)));
      else for (const call of calls) call.reject(failure);
      const untilMs = runtime.clock.monotonic() + patienceMs;
      if (waiting.pauses) for (const call of waiting.calls) call.untilMs = Math.min(call.untilMs, untilMs);
    }
    this.#waiting.delete(tag);
  }

  /** Whether tags may be on different servers. */
  get isCluster(): boolean {
    return this.connection.client.isCluster;
  }

  /** The number of keys, the keys and the arguments, as EVALSHA takes them. */
  private wire(
    { kind, keys, args: argNames }: Script,
    tag: string,
    args: Readonly<Record<string, Argument>>,
    { rest = [], restKeys = [], suffix = "", furtherTags = [] }: More,
    token: string,
  ): ScriptWire {
    const { prefix, now } = this.options;
    const names = [...keys.map((key) => (key.endsWith(":") ? key + suffix : key)), ...restKeys];
    const named = [tag, ...furtherTags].flatMap((each) => names.map((name) => keyOf(prefix, each, name)));
    const all = kind === "change" ? [keyOf(prefix, tag, `once:${token}`), ...named] : named;
    const time = now === undefined ? "" : String(now());
    // The life is that of the connection over which this attempt goes.
    const fixed = [time, keyOf(prefix, tag), this.connection.life];
    const values = [...argNames.map((name) => args[name] ?? ""), ...rest].map(wireArgument);
    return [all.length, ...all, ...fixed, ...values];
  }

  private async attempt({ script, tag, byText, wire }: Call): Promise<Reply> {
    const { replicas = 0 } = this.options;
    const by = byText ? "evalBuffer" : "evalshaBuffer";
    const code = byText ? script.text : script.sha;
    const isSafe = replicas > 0 && script.kind !== "read";
    const server = this.connection.serverOf(keyOf(this.prefix, tag));
    const made = isSafe ? makeSafely(server, by, code, wire(), replicas) : server[by](code, ...wire());
    return (await made) as Reply;
  }
}

/** A change counts only when replicas have it. */
async function makeSafely(
  server: Redis,
  by: keyof ByteScripts,
  code: string,
  wire: ScriptWire,
  replicas: number,
): Promise<unknown> {
  const pipeline = server.pipeline();
  // A pipeline has the same calls, and they are answered together.
  void (pipeline as unknown as ByteScripts)[by](code, ...wire);
  pipeline.wait(replicas, replicaPatienceMs);
  const [changed, waited] = (await pipeline.exec()) ?? [];
  const error = changed?.[0] ?? waited?.[0];
  if (error) throw error;
  if (Number(waited?.[1] ?? 0) < replicas)
    throw new EngineUnavailable(`fewer than ${replicas} replicas of Redis have the change`);
  return changed?.[1];
}

function wireArgument(value: Argument): string | Buffer {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
