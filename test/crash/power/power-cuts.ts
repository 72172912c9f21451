import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStore } from "../../../src/server/engine/store/inspection.js";
import { messageOf } from "../../../src/server/message-of.js";
import { Random } from "../../simulation/random.js";
import { collectGarbage } from "../../support/collect-garbage.js";
import { DiskModel } from "./disk-model.js";
import { readMessages } from "./messages.js";
import type { Step } from "./recording.js";

export interface PowerCuts {
  readonly cuts: number;
  /** What was wrong after a cut, a line each. */
  readonly problems: string[];
}

/** A connection that is closed keeps its files open until its statements are collected. */
const cutsBetweenCollections = 500;
/** How much of what was not synced is there after a cut: nothing, some, most, all. */
const lucks = [0, 0.3, 0.8, 1];

/** Cuts the power at random moments of a recording, starts a store on what the disk then has, and looks for what was confirmed. */
export async function cutPower(steps: readonly Step[], cuts: number, seed: number): Promise<PowerCuts> {
  const random = new Random(seed);
  const moments = Array.from({ length: cuts }, () => random.between(0, steps.length)).sort((a, b) => a - b);
  const problems: string[] = [];
  const disk = new DiskModel();
  let done = 0;
  let confirmed = 0;
  for (const [index, moment] of moments.entries()) {
    if (index % cutsBetweenCollections === 0) await collectGarbage();
    for (const step of steps.slice(done, moment)) {
      disk.apply(step);
      if (step.kind === "confirm") confirmed = step.messages;
    }
    done = moment;
    const problem = problemOf(disk.afterPowerCut(random, random.pick(lucks)), confirmed);
    if (problem !== undefined) problems.push(`after ${moment} of ${steps.length} steps: ${problem}`);
  }
  return { cuts, problems };
}

/** What is wrong with a store that starts on some files, of which so many messages were confirmed. */
function problemOf(files: ReadonlyMap<string, Uint8Array>, confirmed: number): string | undefined {
  const dataDir = mkdtempSync(join(tmpdir(), "aldis-power-"));
  try {
    for (const [name, bytes] of files) writeFileSync(join(dataDir, name), bytes);
    const found = readMessages(dataDir);
    const misplaced = found.find((number, index) => number !== index + 1);
    if (misplaced !== undefined) return `message ${misplaced} is not in its place`;
    if (found.length < confirmed) return `${confirmed} messages were confirmed, and ${found.length} are there`;
    return checkStore(dataDir)[0];
  } catch (failure) {
    return messageOf(failure);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}
