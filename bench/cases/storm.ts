import { isSound, type Losses, Rig } from "../load/rig.js";
import type { Outcome, Report } from "../support/report.js";
import { median, round } from "../support/statistics.js";
import { aldis } from "../systems/aldis.js";

export interface StormOptions {
  readonly sessions: number;
  /** The channels over which sessions are spread. */
  readonly channels: number;
  readonly runs: number;
  readonly profileDir?: string;
}

interface StormRow extends Losses {
  readonly case: "storm";
  readonly run: number;
  readonly sessions: number;
  /** Until all are logged in and in their channels. */
  readonly loginMs: number;
  readonly cpuMicrosPerLogin: number;
  /** Until all are back in their sessions. */
  readonly resumeMs: number;
  readonly cpuMicrosPerResume: number;
}

/** Messages to each channel while its members are away. */
const missed = 5;
const bytes = 128;
const figures = ["loginMs", "cpuMicrosPerLogin", "resumeMs", "cpuMicrosPerResume"] as const;

/** Sessions log in, lose their connections all at once, and resume all at once, with messages waiting for each. */
export async function runStorm(options: StormOptions, report: Report): Promise<Outcome> {
  const rows: StormRow[] = [];
  for (let run = 1; run <= options.runs; run += 1) {
    report.progress(`run ${run} of ${options.runs}: ${options.sessions} sessions`);
    const row = await measure(options, run);
    rows.push(row);
    report.row(row);
  }
  const medians = figures.map((name) => [name, round(median(rows.map((row) => row[name])))]);
  const lost = rows.reduce((sum, row) => sum + row.lost + row.toldLost, 0);
  return { summary: [{ sessions: options.sessions, ...Object.fromEntries(medians), lost }], failed: !rows.every(isSound) };
}

async function measure({ sessions, channels, profileDir }: StormOptions, run: number): Promise<StormRow> {
  const rig = await Rig.start(aldis, { profileDir });
  try {
    const login = await rig.cost(() => rig.connect(sessions, channels));
    await rig.connectPublisher(channels);
    rig.publish(bytes);
    await rig.settle();
    await rig.cut();
    for (let i = 0; i < missed; i += 1) rig.publish(bytes);
    const resume = await rig.cost(() => rig.reconnect());
    await rig.settle();
    return {
      case: "storm",
      run,
      sessions,
      loginMs: round(login.ms),
      cpuMicrosPerLogin: round(login.cpuMicros / sessions),
      resumeMs: round(resume.ms),
      cpuMicrosPerResume: round(resume.cpuMicros / sessions),
      ...(await rig.losses()),
    };
  } finally {
    await rig.stop();
  }
}
