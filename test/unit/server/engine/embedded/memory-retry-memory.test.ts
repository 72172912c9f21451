import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { MemoryRetryMemory } from "../../../../../src/server/engine/embedded/memory-retry-memory.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

describe("the retry memory in a process", () => {
  it("forgets the oldest outcomes first when there are too many", async () => {
    const retries = new MemoryRetryMemory({ clock: createManualRuntime().clock, limits: defaultLimits });
    await retries.once("first", async () => "former");

    for (let index = 0; index < 100_000; index += 1) await retries.once(`key${index}`, async () => "former");

    expect(await retries.once("first", async () => "new")).toBe("new");
    expect(await retries.once("key99999", async () => "new")).toBe("former");
    expect(await retries.once("key50001", async () => "new")).toBe("former");
  });

  it("begins a task within the step that asks for it", () => {
    const retries = new MemoryRetryMemory({ clock: createManualRuntime().clock, limits: defaultLimits });
    let begun = false;

    void retries.once("key", async () => {
      begun = true;
    });

    expect(begun).toBe(true);
  });
});
