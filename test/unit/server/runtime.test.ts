import { expect, test } from "vitest";
import { randomId, systemRuntime } from "../../../src/server/runtime.js";

test("random bytes have the length that was asked for, and none are given twice", () => {
  const taken = Array.from({ length: 2000 }, () => systemRuntime.randomBytes(16));
  expect(taken.every((bytes) => bytes.length === 16)).toBe(true);
  expect(new Set(taken.map((bytes) => Buffer.from(bytes).toString("hex"))).size).toBe(2000);
  expect(systemRuntime.randomBytes(0).length).toBe(0);
  expect(systemRuntime.randomBytes(10_000).length).toBe(10_000);
});

test("random bytes that were given stay as they are", () => {
  const first = systemRuntime.randomBytes(32);
  const copy = first.slice();
  for (let i = 0; i < 1000; i += 1) randomId(systemRuntime);
  expect(first).toEqual(copy);
});
