import { beforeAll, describe, expect, it } from "vitest";
import { cutPower } from "./power-cuts.js";
import { canRecord, record, type Step } from "./recording.js";

/** Enough for a restart in between. */
const batches = 40;
const seed = Number(process.env.TEST_SEED);

describe.skipIf(!canRecord())("a power cut on a disk that keeps only what was synced", () => {
  let steps: Step[];
  beforeAll(async () => {
    steps = await record(batches);
  });

  it("takes nothing that was confirmed, and leaves a store that starts", async () => {
    expect(steps.filter(({ kind }) => kind === "confirm")).toHaveLength(batches);

    expect((await cutPower(steps, 100, seed)).problems).toEqual([]);
  });

  it("would be seen to take something if the store did not wait for the disk", async () => {
    const unsynced = steps.filter((step) => step.kind !== "sync" || step.file !== "aldis.db-wal");

    expect((await cutPower(unsynced, 30, seed)).problems).not.toEqual([]);
  });
});
