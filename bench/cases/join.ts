import { Rig } from "../load/rig.js";
import type { Outcome, Report } from "../support/report.js";
import { median, round } from "../support/statistics.js";
import { aldis } from "../systems/aldis.js";

export interface JoinOptions {
  /** Members of a channel before anybody joins it. */
  readonly members: readonly number[];
  /** Members who join, spread over the channels. */
  readonly newcomers: number;
  readonly runs: number;
  readonly profileDir?: string;
}

interface JoinRow {
  readonly case: "join";
  readonly run: number;
  readonly members: number;
  readonly cpuMicrosPerJoin: number;
}

/** What it costs the server that somebody joins a channel, by the members that are in it. Notices to them are part of it. */
export async function runJoin(options: JoinOptions, report: Report): Promise<Outcome> {
  const rows: JoinRow[] = [];
  for (let run = 1; run <= options.runs; run += 1) {
    for (const members of options.members) {
      report.progress(`run ${run} of ${options.runs}: joining channels of ${members}`);
      const row: JoinRow = { case: "join", run, members, cpuMicrosPerJoin: await measure(options, members) };
      rows.push(row);
      report.row(row);
    }
  }
  const summary = options.members.map((members) => {
    const figures = rows.filter((row) => row.members === members).map((row) => row.cpuMicrosPerJoin);
    return { members, cpuMicrosPerJoin: round(median(figures)) };
  });
  return { summary, failed: false };
}

/** There are as many members in all cases, in more or fewer channels, so that only the size of a channel differs. */
async function measure({ members: sizes, newcomers, profileDir }: JoinOptions, members: number): Promise<number> {
  const all = Math.max(...sizes);
  const channels = Math.round(all / members);
  const rig = await Rig.start(aldis, { profileDir });
  try {
    await rig.connect(all, channels);
    await rig.connect(newcomers, 0);
    const { cpuMicros } = await rig.cost(() => rig.join(channels, all));
    return round(cpuMicros / newcomers);
  } finally {
    await rig.stop();
  }
}
