// Where settings come from. Each source becomes a list of values with the name by which its reader knows them.
import { type LimitName, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import { flagName, type SettingName, settingInfo, settingNames, variableName } from "./schema.js";
import { suggestion } from "./suggestion.js";

/** A value that somebody gave. */
export interface GivenValue {
  /** The setting, such as "grpcPort" or "limits.messageBytes". */
  readonly path: string;
  readonly value: unknown;
  /** Where it came from, as the start of a sentence: "Flag --grpc-port". */
  readonly source: string;
}

/** What a source says. A problem is a sentence for people. */
export interface SourceContent {
  readonly values: readonly GivenValue[];
  readonly problems: readonly string[];
}

/** The flags of the command line by setting; a switch is a boolean, and each limit a text such as "messageBytes=1024". */
export interface Flags extends Readonly<Partial<Record<SettingName, string | boolean>>> {
  readonly config?: string;
  readonly limit?: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const isSettingName = (name: string): name is SettingName => (settingNames as readonly string[]).includes(name);
const limitNames = Object.keys(limitTable) as LimitName[];

function unknownLimit(source: string, name: string): string {
  return `${source}: there is no limit "${name}".${suggestion(name, limitNames)}`;
}

export function readFlags(flags: Flags): SourceContent {
  const values: GivenValue[] = [];
  const problems: string[] = [];
  for (const name of settingNames) {
    const value = flags[name];
    if (value !== undefined) values.push({ path: name, value, source: `Flag ${spokenFlag(name, value)}` });
  }
  for (const text of flags.limit ?? []) {
    const [name = "", value] = text.split(/=(.*)/s);
    if (value === undefined) problems.push(`Flag --limit is "${text}"; it must be like messageBytes=1024.`);
    else if (!Object.hasOwn(limitTable, name)) problems.push(unknownLimit("Flag --limit", name));
    else values.push({ path: `limits.${name}`, value, source: `Flag --limit ${name}` });
  }
  return { values, problems };
}

function spokenFlag(name: SettingName, value: string | boolean): string {
  return settingInfo(name).isSwitch && value === false ? `--no-${flagName(name)}` : `--${flagName(name)}`;
}

/** Reads the variables that begin with "ALDIS_"; `ALDIS_CONFIG` is not one of the settings. */
export function readEnvironment(env: Environment): SourceContent {
  const paths = new Map<string, string>(settingNames.map((name) => [variableName(name), name]));
  for (const name of limitNames) paths.set(`ALDIS_${limitTable[name].name}`, `limits.${name}`);
  const values: GivenValue[] = [];
  const problems: string[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith("ALDIS_") || variable === "ALDIS_CONFIG" || value === undefined) continue;
    const path = paths.get(variable);
    if (path !== undefined) values.push({ path, value, source: `Variable ${variable}` });
    else problems.push(`There is no variable ${variable}.${suggestion(variable, [...paths.keys(), "ALDIS_CONFIG"])}`);
  }
  return { values, problems };
}

/** Reads the JSON of a configuration file. */
export function readConfigFile(path: string, text: string): SourceContent {
  const content = parseJson(text);
  if (!isObject(content)) return { values: [], problems: [`The file "${path}" is not a JSON object.`] };
  const values: GivenValue[] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    const source = `File key ${key}`;
    if (isSettingName(key)) values.push({ path: key, value, source });
    else if (key !== "limits") problems.push(`There is no file key "${key}".${suggestion(key, [...settingNames, "limits"])}`);
    else if (!isObject(value)) problems.push('File key limits: it must be an object such as {"messageBytes": 1024}.');
    else {
      for (const [name, limit] of Object.entries(value)) {
        if (!Object.hasOwn(limitTable, name)) problems.push(unknownLimit(source, name));
        else values.push({ path: `limits.${name}`, value: limit, source: `${source}.${name}` });
      }
    }
  }
  return { values, problems };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
