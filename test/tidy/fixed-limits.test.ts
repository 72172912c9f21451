import { expect, it } from "vitest";
import { type LimitName, limitTable } from "../../gen/aldis/v1/tables/limits.js";
import { fixedLimits } from "../../src/server/config/fixed-limits.js";
import { readSources } from "./repository.js";

/** The limits that a text reads from an object of limits, as `limits.name` or as `{ name } = limits`. */
function limitsReadIn(text: string): LimitName[] {
  const [direct, taken] = [/[lL]imits\.(\w+)/g, /\{([^{}]*)\} = (?:this\.)?#?limits\b/g];
  const names = [...text.matchAll(direct), ...text.matchAll(taken)].flatMap(([, found = ""]) => found.split(/\W+/));
  return names.filter((name): name is LimitName => Object.hasOwn(limitTable, name));
}

it("an engine, which keeps by its limits what others read, reads none that may change while it runs", () => {
  const read = readSources("src/server/engine").flatMap(({ path, text }) => limitsReadIn(text).map((name) => ({ path, name })));

  expect(read.length).toBeGreaterThan(5);
  expect(read.filter(({ name }) => !fixedLimits.has(name))).toEqual([]);
});
