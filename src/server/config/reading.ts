// What settings name and is read from files: secrets and certificates.
import type { Settings } from "./schema.js";
import type { GivenValue } from "./sources.js";

/** What is needed to complete settings; problems are added to. */
export interface Reading {
  readonly given: ReadonlyMap<string, GivenValue>;
  /** Reads a text file; throws an `Error` if it cannot. */
  readonly readFile: (path: string) => string;
  readonly problems: string[];
}

const secretNames = {
  tokenSecret: "a token secret",
  redisPassword: "a password of Redis",
  redisSentinelPassword: "a password of Sentinels",
} as const;

/** A secret that is set, or is in a file that is set. Undefined if there is none. */
export function secretOf(name: keyof typeof secretNames, settings: Settings, reading: Reading): string | undefined {
  const fileName = `${name}File` as const;
  const secret = settings[name];
  if (settings[fileName] === undefined) return secret;
  if (secret !== undefined) {
    reading.problems.push(`${sourceOf(fileName, reading)} and ${secretNames[name]} are both set; set one of them.`);
  }
  return fileOf(fileName, settings, reading)?.replace(/[\r\n]+$/, "") ?? secret;
}

type FileName = Extract<keyof Settings, `${string}File`>;

/** The text of a file that is set. Undefined if none is, or if it cannot be read, which is a problem. */
export function fileOf(name: FileName, settings: Settings, reading: Reading): string | undefined {
  const path = settings[name];
  if (path === undefined) return undefined;
  const text = tryRead(path, reading.readFile);
  if (text.ok) return text.value;
  reading.problems.push(`${sourceOf(name, reading)} names "${path}", which cannot be read: ${text.problem}.`);
  return undefined;
}

/** Who has set it, for people. */
export function sourceOf(name: keyof Settings, { given }: Reading): string {
  return given.get(name)?.source ?? name;
}

export function tryRead(path: string, readFile: Reading["readFile"]) {
  try {
    return { ok: true as const, value: readFile(path) };
  } catch (thrown) {
    return { ok: false as const, problem: thrown instanceof Error ? thrown.message : "unknown fault" };
  }
}
