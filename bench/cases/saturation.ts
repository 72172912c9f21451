import { isHonest, isSound, type Measured, Rig } from "../load/rig.js";
import type { Outcome, Report } from "../support/report.js";
import type { System } from "../systems/system.js";
import { floorNames, systemsOf } from "../systems/systems.js";
import { runFanOut } from "./fan-out.js";

export interface SaturationOptions {
  readonly members: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** Messages a second at which the search begins. */
  readonly rate: number;
  /** Steps at most. */
  readonly steps: number;
  /** Runs of Aldis, on disk and in memory, and of each floor under the highest load of Aldis on disk. */
  readonly runs: number;
  readonly peers: readonly string[];
  readonly profileDir?: string;
}

export interface SaturationRow extends Measured {
  readonly case: "saturation";
  readonly system: string;
  readonly members: number;
  readonly rate: number;
  /** Whether the system has borne the load: all of it came, and p99 was at most 100 ms. */
  readonly sustained: boolean;
}

const growth = 1.4;
const longestP99Ms = 100;
/** A load that is missed by less than this is not the end: which try has a pause of the machine or its disk in it is chance. */
const nearP99Ms = 150;
/** A system that takes less than this share of the load is behind, even if what it takes is quick. */
const smallestShare = 0.98;

/** How often a load is tried until it is borne. */
const tries = 3;

/** Those that take turns with Aldis under its highest load. */
const besides: readonly string[] = ["aldis-memory", ...floorNames];

/**
 * Raises the load until a system misses it by far; gives the highest load that it bore, or the lowest if it bore none. Floors, and Aldis in
 * memory, take turns with Aldis under its highest load. Behind its end a server may tell members that they have lost something.
 */
export async function runSaturation(options: SaturationOptions, report: Report): Promise<Outcome> {
  const rows: SaturationRow[] = [];
  const best: SaturationRow[] = [];
  for (const system of systemsOf(options.peers, report.progress)) {
    if (system.isFloor) continue;
    const found = await climb(system, options, report);
    rows.push(...found);
    best.push(...found.filter((row, i) => i === 0 || row.sustained).slice(-1));
  }
  const beside = await runBeside(options, best, report);
  return { summary: [...best, ...beside.summary], failed: beside.failed || !rows.every(isHonest) };
}

/** Medians of Aldis and those beside it, all under the highest load of Aldis. Nothing if there are none among the peers. */
async function runBeside(options: SaturationOptions, [top]: readonly SaturationRow[], report: Report) {
  const { members, bytes, seconds, warmUp, runs } = options;
  const peers = options.peers.filter((name) => besides.includes(name));
  if (top === undefined || peers.length === 0) return { summary: [], failed: false };
  return runFanOut({ members: [members], rate: [top.rate], bytes: [bytes], seconds, warmUp, runs, peers }, report);
}

async function climb(system: System, options: SaturationOptions, report: Report): Promise<readonly SaturationRow[]> {
  const { members, bytes, seconds, warmUp, profileDir } = options;
  const rows: SaturationRow[] = [];
  const rig = await Rig.start(system, { profileDir });
  /** Whether the load was borne in one of some tries, or nearly. */
  const isWithinReach = async (rate: number, left = tries): Promise<boolean> => {
    report.progress(`${system.name}: ${members} members, ${rate}/s`);
    const measured = await rig.measure({ rate, bytes, seconds });
    const sustained = isSustained(measured, seconds, longestP99Ms);
    const row: SaturationRow = { case: "saturation", system: system.name, members, rate, sustained, ...measured };
    rows.push(row);
    report.row(row);
    if (sustained) return true;
    const others = left > 1 && (await isWithinReach(rate, left - 1));
    return others || isSustained(measured, seconds, nearP99Ms);
  };
  try {
    await rig.fill(members);
    await rig.measure({ rate: options.rate, bytes, seconds: warmUp });
    for (let step = 0; step < options.steps; step += 1) {
      if (!(await isWithinReach(Math.round(options.rate * growth ** step)))) break;
    }
    return rows;
  } finally {
    await rig.stop();
  }
}

/** Counts what came, not how much a second: in a run of some seconds the wait for the last batch alone would be more than the rest. */
function isSustained(measured: Measured, seconds: number, mostP99Ms: number): boolean {
  const { p99Ms, deliveries, offeredPerSecond } = measured;
  return isSound(measured) && p99Ms <= mostP99Ms && deliveries >= offeredPerSecond * seconds * smallestShare;
}
