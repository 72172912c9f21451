import { isSound, type Measured, Rig } from "../load/rig.js";
import type { Outcome, Report } from "../support/report.js";
import { median, round } from "../support/statistics.js";
import type { StartOptions, System } from "../systems/system.js";
import { systemsOf } from "../systems/systems.js";

export interface FanOutOptions {
  readonly members: readonly number[];
  readonly rate: readonly number[];
  readonly bytes: readonly number[];
  readonly seconds: number;
  readonly warmUp: number;
  /** Messages a second of the warm-up. Default: as many as are measured. */
  readonly warmUpRate?: number;
  readonly runs: number;
  readonly peers: readonly string[];
  /** Where the server writes CPU profiles. Default: it writes none. */
  readonly profileDir?: string;
}

interface Combination {
  readonly members: number;
  readonly rate: number;
  readonly bytes: number;
}

/** The figures of one system in one run. */
export interface FanOutRow extends Combination, Measured {
  readonly case: "fan-out";
  readonly system: string;
  readonly run: number;
}

const summed = ["lost", "toldLost", "duplicated", "reordered"] as const;
const averaged = [
  ...(["cpuMicrosPerDelivery", "p50Ms", "p99Ms", "p999Ms", "offeredPerSecond", "deliveriesPerSecond"] as const),
  ...(["batch", "bytesPerDelivery", "rssMiB"] as const),
];

/** One line of the summary: medians of all runs, and the sums of what went wrong. */
export type FanOutSummary = Combination & { readonly system: string } & Readonly<
    Record<(typeof averaged)[number] | (typeof summed)[number], number>
  > & {
    /** Half of the distance between the dearest and the cheapest run, in parts of the median. */
    readonly cpuSpread: number;
  };

/** One sender, one channel: what a delivery costs the server, and how long it takes, for Aldis and its peers in turn. */
export async function runFanOut(
  options: FanOutOptions,
  report: Report,
): Promise<Outcome & { readonly summary: readonly FanOutSummary[] }> {
  const systems = systemsOf(options.peers, report.progress);
  const summary: FanOutSummary[] = [];
  for (const combination of combinations(options)) {
    const rows: FanOutRow[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      for (const system of systems) {
        const { members, rate, bytes } = combination;
        report.progress(`${system.name}, run ${run} of ${options.runs}: ${members} members, ${rate}/s, ${bytes} bytes`);
        const batches = batchesOf(rows.findLast((row) => row.system === "aldis"));
        const row = await measure(system, combination, options, run, { batches, profileDir: options.profileDir });
        rows.push(row);
        report.row(row);
      }
    }
    summary.push(...systems.map(({ name }) => summarise(rows.filter((row) => row.system === name))));
  }
  return { summary, failed: !summary.every(isSound) };
}

function batchesOf(row: FanOutRow | undefined): StartOptions["batches"] {
  return row === undefined ? undefined : { size: row.batch, bytesPerDelivery: row.bytesPerDelivery };
}

function combinations({ members, rate, bytes }: FanOutOptions): readonly Combination[] {
  return members.flatMap((m) => rate.flatMap((r) => bytes.map((b) => ({ members: m, rate: r, bytes: b }))));
}

async function measure(
  system: System,
  combination: Combination,
  { seconds, warmUp, warmUpRate }: FanOutOptions,
  run: number,
  options: StartOptions,
): Promise<FanOutRow> {
  const { members, rate, bytes } = combination;
  const rig = await Rig.start(system, options);
  try {
    await rig.fill(members);
    await rig.measure({ rate: warmUpRate ?? rate, bytes, seconds: warmUp });
    return { case: "fan-out", system: system.name, run, ...combination, ...(await rig.measure({ rate, bytes, seconds })) };
  } finally {
    await rig.stop();
  }
}

function summarise(rows: readonly FanOutRow[]): FanOutSummary {
  const [first] = rows;
  if (first === undefined) throw new Error("there was no run");
  const { system, members, rate, bytes } = first;
  const cpu = rows.map((row) => row.cpuMicrosPerDelivery);
  const medians = averaged.map((name) => [name, round(median(rows.map((row) => row[name])))]);
  const sums = summed.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]);
  const cpuSpread = round((Math.max(...cpu) - Math.min(...cpu)) / 2 / median(cpu));
  return { system, members, rate, bytes, ...Object.fromEntries([...medians, ...sums]), cpuSpread };
}
