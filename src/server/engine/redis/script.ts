import { createHash } from "node:crypto";

/** What goes into a script: numbers as decimal digits, texts as UTF-8, bytes as they are. */
export type Argument = string | number | Uint8Array;

/** What comes out of a script. */
export type Reply = number | Buffer | null | readonly Reply[];

export interface ScriptSource<Key extends string, Arg extends string> {
  /** What it does, for people who look at a slow log. */
  readonly name: string;
  /**
   * "read" changes nothing. "change" is made once, however often it is asked for. "idempotent" changes things too, but to ask for
   * it again does no harm, so nothing is remembered of it.
   */
  readonly kind: "read" | "change" | "idempotent";
  /** What its keys are called, in the script and behind the tag. One that ends in ":" gets the suffix of the call. */
  readonly keys: readonly Key[];
  /** What its arguments are called in the script. Further ones begin at `ARGV[rest]`, and further keys at `KEYS[restKeys]`. */
  readonly args: readonly Arg[];
  /**
   * The text. It knows its keys and arguments by name, `now` (the engine's time in milliseconds since 1970) and `nowUs` (in
   * microseconds), `topic` (the shard channel of the tag) and `life` (a name of the server's, "" in a cluster). It returns numbers,
   * texts and lists of them, but no nil and no boolean.
   */
  readonly lua: string;
}

/** A script as Redis gets it. Atomic, as all scripts are; all its keys are of one tag, so they share a slot. */
export interface Script<Key extends string = string, Arg extends string = string> extends ScriptSource<Key, Arg> {
  readonly text: string;
  readonly sha: string;
}

/** How long the result of a change is kept for whoever asks again, in milliseconds. More than the patience of a call. */
const rememberMs = 15_000;

/** The arguments before those of the script: the time ("" for Redis's own), the topic, and the server's life. */
const fixedArgs = 3;

export function defineScript<const Key extends string, const Arg extends string>(
  source: ScriptSource<Key, Arg>,
): Script<Key, Arg> {
  const { name, kind, keys, args, lua } = source;
  const body = `-- aldis: ${name}\n${header(keys, args, kind === "change")}\n${kind === "change" ? once(lua) : lua}`;
  return { ...source, text: body, sha: createHash("sha1").update(body).digest("hex") };
}

function header(keys: readonly string[], args: readonly string[], remembers: boolean): string {
  const firstKey = remembers ? 2 : 1;
  const lines = [
    "local nowUs",
    "if ARGV[1] == '' then local t = redis.call('TIME'); nowUs = t[1] * 1000000 + t[2] else nowUs = ARGV[1] * 1000 end",
    "local now = math.floor(nowUs / 1000)",
    "local topic, life = ARGV[2], ARGV[3]",
    `local rest, restKeys = ${args.length + fixedArgs + 1}, ${keys.length + firstKey}`,
    ...keys.map((key, i) => `local ${key.replace(":", "")} = KEYS[${i + firstKey}]`),
    ...args.map((arg, i) => `local ${arg} = ARGV[${i + fixedArgs + 1}]`),
  ];
  return lines.join("\n");
}

/**
 * A change whose result was lost on its way gives it again instead of being made twice. So does one that comes late, behind the
 * call that was made because of its silence.
 */
function once(lua: string): string {
  return `local known = redis.call('GET', KEYS[1])
if known then return cmsgpack.unpack(known) end
local function change()
${lua}
end
local result = change()
redis.call('SET', KEYS[1], cmsgpack.pack(result), 'PX', ${rememberMs})
return result`;
}
