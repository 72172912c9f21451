import { isSound, type Measured, Rig } from "../load/rig.js";
import type { Outcome, Report } from "../support/report.js";
import { median, round } from "../support/statistics.js";
import { aldis } from "../systems/aldis.js";

export interface SlowReaderOptions {
  readonly members: number;
  readonly rate: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly runs: number;
  /** One in so many members stalls. */
  readonly oneIn: number;
  readonly profileDir?: string;
}

interface SlowReaderRow extends Measured {
  readonly case: "slow-reader";
  readonly run: number;
  readonly stalled: boolean;
}

/** What members who read notice of some who do not, and what those cost in memory. */
export async function runSlowReader(options: SlowReaderOptions, report: Report): Promise<Outcome> {
  const rows: SlowReaderRow[] = [];
  for (let run = 1; run <= options.runs; run += 1) {
    for (const stalled of [false, true]) {
      report.progress(`run ${run} of ${options.runs}: ${stalled ? `one in ${options.oneIn} stalls` : "all read"}`);
      const row: SlowReaderRow = { case: "slow-reader", run, stalled, ...(await measure(options, stalled)) };
      rows.push(row);
      report.row(row);
    }
  }
  const of = (figure: "p99Ms" | "rssMiB", stalled: boolean) =>
    round(median(rows.filter((row) => row.stalled === stalled).map((row) => row[figure])));
  const summary = {
    p99Ms: of("p99Ms", false),
    p99MsWithStalled: of("p99Ms", true),
    p99Change: round(of("p99Ms", true) / of("p99Ms", false) - 1),
    peakRssMiB: of("rssMiB", false),
    peakRssMiBWithStalled: of("rssMiB", true),
  };
  return { summary: [summary], failed: !rows.every(isSound) };
}

async function measure(
  { members, oneIn, warmUp, profileDir, ...load }: SlowReaderOptions,
  stalled: boolean,
): Promise<Measured> {
  const rig = await Rig.start(aldis, { profileDir });
  try {
    await rig.fill(members);
    await rig.measure({ ...load, seconds: warmUp });
    if (stalled) await rig.stall(oneIn);
    return await rig.measure(load);
  } finally {
    await rig.stop();
  }
}
