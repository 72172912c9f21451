import { describe, expect, it } from "vitest";
import type { Narrator } from "../../../../src/cli/demo/narrator.js";
import { play } from "../../../../src/cli/demo/play.js";
import { Scene } from "../../../../src/cli/demo/scene.js";
import type { Step } from "../../../../src/cli/demo/step.js";
import { fixedRuntime } from "../../server/auth/fixed-runtime.js";

const runtime = fixedRuntime(0);
const noLink = { send() {}, close() {} };
const stage = { description: "", appId: "dev", openTransport: () => ({ open: () => noLink }), issueToken: async () => "" };
const good: Step = { name: "It works", play: async () => ({ answer: 42 }) };
const bad: Step = { name: "It fails", play: () => Promise.reject(new Error("nothing came")) };

function recorder() {
  const told: unknown[] = [];
  const narrator: Narrator = {
    begin() {},
    tell: (step) => told.push(step),
    end: (ok, steps) => told.push({ ok, steps }),
  };
  return { told, narrator };
}

describe("a story", () => {
  it("is told step by step, and went well if no step failed", async () => {
    const { told, narrator } = recorder();

    const ok = await play([good, good], new Scene(stage, runtime), narrator, runtime.clock);

    expect(ok).toBe(true);
    expect(told).toEqual([
      { number: 1, name: "It works", ms: 0, facts: { answer: 42 } },
      { number: 2, name: "It works", ms: 0, facts: { answer: 42 } },
      { ok: true, steps: 2 },
    ]);
  });

  it("ends at the first step that fails", async () => {
    const { told, narrator } = recorder();

    const ok = await play([bad, good], new Scene(stage, runtime), narrator, runtime.clock);

    expect(ok).toBe(false);
    expect(told).toEqual([
      { number: 1, name: "It fails", ms: 0, facts: {}, problem: "nothing came" },
      { ok: false, steps: 1 },
    ]);
  });
});
