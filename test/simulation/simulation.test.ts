import { describe, expect, it } from "vitest";
import { regressions } from "./regressions.js";
import { type Outcome, simulate } from "./simulate.js";

/** A run of one node takes about a quarter of a second, one of several up to two seconds; a machine may be busy. */
const timeoutMs = 240_000;

const seedsOfEveryBuild = 24;

function problemsOf({ seed, findings }: Outcome): string[] {
  return findings.map(({ guarantee, problem }) => `seed ${seed}: ${guarantee}: ${problem}`);
}

describe("the simulated world", () => {
  it("keeps every guarantee in every run", { timeout: timeoutMs }, async () => {
    const problems: string[] = [];

    for (let seed = 1; seed <= seedsOfEveryBuild; seed += 1) problems.push(...problemsOf(await simulate(seed)));

    expect(problems).toEqual([]);
  });

  it.each([
    [3, 1],
    [7, 1],
    [10, 2],
    [24, 3],
  ])("runs the same way again with seed %i and %i nodes", { timeout: timeoutMs }, async (seed, nodes) => {
    const first = await simulate(seed, nodes);
    const second = await simulate(seed, nodes);

    expect(second.hash).toBe(first.hash);
    expect(second.events).toBe(first.events);
  });

  it("runs another way with another seed", { timeout: timeoutMs }, async () => {
    const [one, other] = [await simulate(3), await simulate(4)];

    expect(one.hash).not.toBe(other.hash);
  });

  it.each(regressions)("still keeps what seed $seed found broken: $found", { timeout: timeoutMs }, async ({ seed, nodes }) => {
    const outcome = await simulate(seed, nodes);

    expect(problemsOf(outcome)).toEqual([]);
  });
});
