import { describe, expect, it } from "vitest";
import { Tally } from "../../../bench/load/tally.js";

describe("Tally", () => {
  it.each([
    { name: "all in order", numbers: [0, 1, 2], expected: { received: 3, duplicated: 0, reordered: 0 } },
    { name: "one lost", numbers: [0, 2], expected: { received: 2, duplicated: 0, reordered: 0 } },
    { name: "the first one lost", numbers: [1, 2], expected: { received: 2, duplicated: 0, reordered: 0 } },
    { name: "one twice", numbers: [0, 1, 1], expected: { received: 2, duplicated: 1, reordered: 0 } },
    { name: "one late", numbers: [0, 2, 1], expected: { received: 3, duplicated: 0, reordered: 1 } },
    { name: "one late and twice", numbers: [0, 2, 1, 1], expected: { received: 3, duplicated: 1, reordered: 1 } },
  ])("counts $name", ({ numbers, expected }) => {
    const tally = new Tally();

    for (const number of numbers) tally.take(number);

    const { received, duplicated, reordered } = tally;
    expect({ received, duplicated, reordered }).toEqual(expected);
  });
});
