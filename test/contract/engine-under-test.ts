import { onTestFinished } from "vitest";
import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../src/server/engine/engine.js";

/** An engine with nothing in it, and the hooks that a contract suite needs besides the ports. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** The engine's time of day, in milliseconds since 1970. */
  now(): number;
  /** Lets time pass for the engine, and whatever it does meanwhile be done. */
  advance(ms: number): Promise<void>;
}

/** Makes an engine with these limits. The tests close it. */
export type MakeEngine = (limits: Limits) => Promise<EngineUnderTest>;

/** Makes an engine for the present test, with the default limits but for those given. It is closed when the test ends. */
export async function openEngine(makeEngine: MakeEngine, limits: Partial<Limits> = {}): Promise<EngineUnderTest> {
  const opened = await makeEngine({ ...defaultLimits, ...limits });
  onTestFinished(() => opened.engine.close());
  return opened;
}

/** Pairs of app id and id that a careless key would mistake for each other, or for something of the engine's own. */
export const hostileKeys: readonly (readonly [appId: string, id: string])[] = [
  ["app", "__proto__"],
  ["__proto__", "app"],
  ["app", "constructor"],
  ["ap", "pid"],
  ["app", "id"],
  ["a", "ppid"],
  ["1", "1:1"],
  ["1:1", "1"],
  ["app", ""],
  ["app", "{tag}"],
  ["app", "*"],
  ["app", "a\u0000b"],
  ["app", "\u{1F600}"],
];
