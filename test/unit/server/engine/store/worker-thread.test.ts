import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { startThread } from "../../../../../src/server/engine/store/worker-thread.js";
import { collectGarbage } from "../../../../support/collect-garbage.js";

const batch = [{ port: "log", method: "head", args: [{ appId: "app", channel: "lobby" }], nowMs: 1 }] as const;

async function start() {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-thread-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const limits = { maxBytes: Number.POSITIVE_INFINITY, minFreeBytes: 0, logBytes: 0, allowSharedDisk: true };
  return startThread({ dataDir, limits: defaultLimits, ...limits });
}

describe("the thread of the store", () => {
  it("leaves nothing of an answer in memory once the next is there", async () => {
    const thread = await start();
    const answer = new WeakRef(await thread.run(batch));
    await thread.run(batch);

    await collectGarbage();

    expect(answer.deref()).toBeUndefined();
    await thread.close();
  });

  it("refuses what comes after its end, and can be closed again", async () => {
    const thread = await start();
    await thread.close();

    await expect(thread.run(batch)).rejects.toThrow("the thread of the store has ended");

    await thread.close();
  });
});
