import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { EngineExhausted, EngineUnavailable } from "../../../../../src/server/engine/ports/unavailable.js";
import { createDurableEngine } from "../../../../../src/server/engine/store/durable-engine.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";
import { storeInThisThread } from "../../../../support/store-in-this-thread.js";

const lobby = { appId: "app", channel: "lobby" };
const record = { sender: "ada", message: Uint8Array.of(1) };
const minFreeBytes = 1000;
const sweepMs = 1000;

/** An engine on a disk whose free bytes the test sets. */
async function open(freeBytes: () => number) {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-space-"));
  const runtime = createManualRuntime();
  const told: string[] = [];
  const disk = { freeBytes, fileSystem: () => undefined };
  const engine = await createDurableEngine({
    runtime,
    limits: defaultLimits,
    dataDir,
    minFreeBytes,
    observer: { onBatch() {}, onHealth: (health, sentence) => told.push(`${health}: ${sentence}`) },
    start: (options) => storeInThisThread(options, disk),
  });
  onTestFinished(async () => {
    await engine.close();
    await rm(dataDir, { recursive: true });
  });
  return { engine, runtime, told };
}

describe("the durable engine on a disk that is nearly full", () => {
  it("refuses what must be stored from the start, and goes on reading", async () => {
    const { engine, told } = await open(() => minFreeBytes - 1);

    await expect(engine.log.append(lobby, record)).rejects.toThrow(EngineExhausted);

    expect(engine.health()).toBe("full");
    expect(engine.freeBytes()).toBe(minFreeBytes - 1);
    expect(told).toEqual([expect.stringMatching(/^full: the store is full.*999 bytes are free on the disk, and 1000 must be/)]);
    expect((await engine.log.read(lobby, undefined, { limit: 10 })).records).toEqual([]);
  });

  it("notices that space goes, and lets nothing through in the step that looks again", async () => {
    let free = minFreeBytes;
    const { engine, runtime } = await open(() => free);
    expect(await engine.log.append(lobby, record)).toMatchObject({ offset: 1 });
    free = 0;
    await runtime.advanceAsync(sweepMs);
    expect(engine.health()).toBe("full");

    runtime.advance(sweepMs);
    const withTheSweep = engine.log.append(lobby, record);

    await expect(withTheSweep).rejects.toThrow(EngineExhausted);
  });

  it("recovers by itself once there is a quarter more than the least", async () => {
    let free = 0;
    const { engine, runtime, told } = await open(() => free);
    free = minFreeBytes * 1.25 - 1;
    await runtime.advanceAsync(sweepMs);
    expect(engine.health()).toBe("full");

    free = minFreeBytes * 1.25;
    await runtime.advanceAsync(sweepMs);

    expect(engine.health()).toBe("ok");
    expect(await engine.log.append(lobby, record)).toMatchObject({ offset: 1 });
    free = minFreeBytes;
    await runtime.advanceAsync(sweepMs);
    expect(engine.health()).toBe("ok");
    expect(told).toEqual([expect.stringMatching(/^full: /), "ok: the store has room again, and goes on"]);
  });

  it("stops for good when the directory has gone, since what is written there is lost", async () => {
    let isGone = false;
    const { engine, runtime } = await open(() => {
      if (isGone) throw new Error("ENOENT: no such file or directory");
      return minFreeBytes;
    });
    isGone = true;
    await runtime.advanceAsync(sweepMs);
    isGone = false;
    await runtime.advanceAsync(sweepMs);

    await expect(engine.log.append(lobby, record)).rejects.toThrow(EngineUnavailable);
    expect(engine.health()).toBe("failed");
  });
});
