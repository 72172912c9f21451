import { describe, expect, it } from "vitest";
import { mutants } from "./mutants.js";

/** Most mutants are noticed in the first runs; a run takes about a quarter of a second, and a machine may be busy. */
const timeoutMs = 120_000;

const mostSeeds = 200;

/** Where to begin with those that the first runs do not notice. It saves time; if plans change, any other seed is as good. */
const firstSeeds: ReadonlyMap<string, number> = new Map([
  ["what the bus has lost is not fetched", 16],
  ["a newer login leaves the older session alone", 8],
  ["nobody looks after what a dead node has left", 8],
  ["a vanished user stays online", 12],
  ["a short break shows others a leave", 79],
  ["a queue is never full", 60],
]);

describe("the checkers", () => {
  it.each(mutants)("notice that $name ($guarantee)", { timeout: timeoutMs }, async (mutant) => {
    const firstSeed = firstSeeds.get(mutant.name) ?? 1;

    const runs = await mutant.firstCatch(firstSeed, mostSeeds);

    expect(runs, `no run of ${mostSeeds} has noticed it`).toBeDefined();
  });
});
