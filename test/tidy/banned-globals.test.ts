import { describe, expect, it } from "vitest";
import { findBannedGlobals } from "./banned-globals.js";
import { readSources } from "./repository.js";

const adapters = ["src/client/runtime.ts", "src/server/runtime.ts"];

describe("src", () => {
  it("takes time and randomness from a Runtime", () => {
    const others = readSources("src").filter(({ path }) => !adapters.includes(path));

    expect(others.flatMap(findBannedGlobals)).toEqual([]);
  });
});

describe("findBannedGlobals", () => {
  it.each([
    ["const t = Date.now();", "Date"],
    ["const t = new Date();", "Date"],
    ["const t = performance.now();", "performance"],
    ["setTimeout(run, 10);", "setTimeout"],
    ["setInterval(run, 10);", "setInterval"],
    ["setImmediate(run);", "setImmediate"],
    ["const plan = { setTimeout };", "setTimeout"],
    ["const id = crypto.randomUUID();", "crypto"],
    ["const t = globalThis.performance.now();", "globalThis.performance"],
    ["const r = Math.random();", "Math.random"],
    ['import { randomUUID } from "node:crypto";', "randomUUID of node:crypto"],
    ['import { randomBytes as bytes } from "crypto";', "randomBytes of crypto"],
    ['import * as crypto from "node:crypto";', "* of node:crypto"],
    ['import { setTimeout } from "node:timers/promises";', "setTimeout of node:timers/promises"],
    ['import { performance } from "node:perf_hooks";', "performance of node:perf_hooks"],
  ])("finds the fault in %s", (text, name) => {
    expect(findBannedGlobals({ path: "a.ts", text })).toContain(`a.ts:1 uses ${name}`);
  });

  it.each([
    "const t = runtime.clock.now();",
    "const bytes = runtime.randomBytes(16);",
    "const rule = { performance: 1 };",
    "// Date.now() is for the adapter.",
    'import { createHmac, timingSafeEqual } from "node:crypto";',
    "const half = Math.floor(count / 2);",
  ])("finds no fault in %s", (text) => {
    expect(findBannedGlobals({ path: "a.ts", text })).toEqual([]);
  });
});
