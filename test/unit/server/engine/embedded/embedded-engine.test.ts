import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../../../../src/server/engine/embedded/embedded-engine.js";
import { collectGarbage } from "../../../../support/collect-garbage.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

describe("the embedded engine", () => {
  it("plans nothing any more once it is closed", async () => {
    const runtime = createManualRuntime();
    const engine = createEmbeddedEngine({ runtime, limits: defaultLimits });
    expect(runtime.plannedTasks).toBe(1);

    await engine.close();

    expect(runtime.plannedTasks).toBe(0);
  });

  it("frees the memory of what has expired without being asked for it", async () => {
    const runtime = createManualRuntime();
    const { log, retries, bans } = createEmbeddedEngine({ runtime, limits: defaultLimits });
    const channel = { appId: "app", channel: "lobby" };
    const user = { appId: "app", userId: "ada" };
    const store = async () => {
      const ban = { user, channel: "", untilMs: runtime.clock.now() + 60_000, note: "", setAtMs: 0 };
      await bans.set(ban);
      await log.append(channel, { sender: "ada", message: Uint8Array.of(1) });
      const [record] = (await log.read(channel, undefined, { limit: 1 })).records;
      if (record === undefined) throw new Error("the log has a record");
      return [ban, record.message, await retries.once("key", async () => ({}))].map((value) => new WeakRef(value));
    };
    const stored = await store();
    const held = () => stored.filter((reference) => reference.deref() !== undefined).length;

    await collectGarbage();
    expect(held()).toBe(3);
    const longestMs = Math.max(defaultLimits.retryMemoryMs, defaultLimits.channelHistoryAgeMs, 60_000);
    await runtime.advanceAsync(2 * longestMs + 2000);
    await collectGarbage();
    expect(held()).toBe(0);
  });

  it("keeps of a message to a channel no memory that others share", async () => {
    const { log } = createEmbeddedEngine({ runtime: createManualRuntime(), limits: defaultLimits });
    const channel = { appId: "app", channel: "lobby" };
    const message = new Uint8Array(1000).fill(7).subarray(10, 20);

    await log.append(channel, { sender: "ada", message });

    const [record] = (await log.read(channel, undefined, { limit: 1 })).records;
    expect(record?.message).toEqual(message);
    expect(record?.message.buffer.byteLength).toBe(10);
  });

  it("frees the memory of rates that are not used any more", async () => {
    const runtime = createManualRuntime();
    const { rates } = createEmbeddedEngine({ runtime, limits: defaultLimits });
    const heapBytes = async () => {
      await collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const keys = 50_000;
    const before = await heapBytes();
    for (let key = 0; key < keys; key += 1) await rates.take(`key${key}`, 1, 1000);
    const full = await heapBytes();

    runtime.advance(5000);

    expect(full - before).toBeGreaterThan(keys * 50);
    expect((await heapBytes()) - before).toBeLessThan((full - before) / 4);
  });
});
