import { describe, expect, it } from "vitest";
import { jsonNarrator, plainNarrator } from "../../../../src/cli/demo/narrator.js";
import { Capture } from "../capture.js";

const good = { number: 1, name: "It works", ms: 12.4, facts: { outcome: "DELIVERED" } };
const bad = { number: 2, name: "It fails", ms: 3, facts: {}, problem: "nothing\u001b came" };

describe("the narrator for people", () => {
  it("tells each step on a line of its own", () => {
    const output = new Capture();
    const narrator = plainNarrator(output, false);

    narrator.begin("a server");
    narrator.tell(good);
    narrator.tell(bad);
    narrator.end(false, 2);

    expect(output.lines.map((line) => line.replace(/ {2,}/g, "  "))).toEqual([
      "The story plays on a server.",
      "",
      "✓ It works  12 ms  outcome DELIVERED",
      "✗ It fails  3 ms  nothing\\u{1b} came",
      "",
      "Step 2 failed.",
    ]);
  });

  it("uses colours only if it is told to", () => {
    const plain = new Capture();
    const coloured = new Capture();

    plainNarrator(plain, false).tell(good);
    plainNarrator(coloured, true).tell(good);

    expect(plain.text).not.toContain("\u001b");
    expect(coloured.text).toContain("\u001b[32m✓\u001b[0m");
  });
});

describe("the narrator for programs", () => {
  it("tells each step as a line of JSON, and the end as the last", () => {
    const output = new Capture();
    const narrator = jsonNarrator(output);

    narrator.begin("a server");
    narrator.tell(good);
    narrator.tell(bad);
    narrator.end(false, 2);

    expect(output.lines.map((line) => JSON.parse(line))).toEqual([
      { step: 1, name: "It works", ok: true, ms: 12, outcome: "DELIVERED" },
      { step: 2, name: "It fails", ok: false, ms: 3, problem: "nothing\u001b came" },
      { done: true, ok: false, steps: 2 },
    ]);
  });
});
