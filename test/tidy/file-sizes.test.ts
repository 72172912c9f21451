import { describe, expect, it } from "vitest";
import { findLongFunctions } from "./long-functions.js";
import { readSources } from "./repository.js";

const mostFileLines = 400;
const mostFunctionLines = 70;
const sources = readSources("src", "test", "bench", "examples", "scripts", "tools");

describe("source files", () => {
  it(`have at most ${mostFileLines} lines`, () => {
    const long = sources.filter(({ text }) => text.split("\n").length > mostFileLines + 1).map(({ path }) => path);

    expect(long).toEqual([]);
  });

  it(`have functions of at most ${mostFunctionLines} lines`, () => {
    expect(sources.flatMap((file) => findLongFunctions(file, mostFunctionLines))).toEqual([]);
  });
});

describe("findLongFunctions", () => {
  const body = "\n  step();".repeat(3);

  it.each([
    ["a function", `function f() {${body}\n}`],
    ["an arrow function", `const f = () => {${body}\n};`],
    ["a method", `class A { f() {${body}\n} }`],
    ["a test", `it("b", () => {${body}\n});`],
    ["a test in a suite", `describe("a", () => { it("b", () => {${body}\n}); });`],
  ])("finds %s that is too long", (_, text) => {
    expect(findLongFunctions({ path: "a.ts", text }, 4)).toEqual(["a.ts:1 has a function of 5 lines"]);
  });

  it("finds nothing in functions that are short enough, nor in one that declares tests", () => {
    const test = `\n  it("b", () => {${body}\n});`;
    const text = `function f() {${body}\n}\ndescribe("a", () => {${test.repeat(3)}\n});`;

    expect(findLongFunctions({ path: "a.ts", text }, 5)).toEqual([]);
  });
});
