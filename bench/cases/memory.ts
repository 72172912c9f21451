import { sleep } from "../load/clock.js";
import { Rig } from "../load/rig.js";
import type { Outcome, Report } from "../support/report.js";
import { round } from "../support/statistics.js";
import { aldis } from "../systems/aldis.js";

export interface MemoryOptions {
  /** Numbers of sessions, rising. */
  readonly sessions: readonly number[];
  /** How long to wait before each look, so that what is only passing is gone. */
  readonly settleSeconds: number;
  readonly profileDir?: string;
}

interface MemoryRow {
  readonly case: "memory";
  readonly what: string;
  readonly sessions: number;
  readonly rssMiB: number;
  /** What each one of those that came has added, in KiB; that of each session for the last rows. */
  readonly kibEach: number;
}

/** The memory of idle sessions, of channels and of memberships, and what is left of it when all have gone and come again. */
export async function runMemory({ sessions, settleSeconds, profileDir }: MemoryOptions, report: Report): Promise<Outcome> {
  const rig = await Rig.start(aldis, { profileDir });
  const most = Math.max(...sessions);
  const settled = async () => {
    await sleep(settleSeconds * 1000);
    return rig.rssBytes;
  };
  try {
    const base = await settled();
    let before = base;
    const look = async (what: string, count: number, each: (rss: number) => number) => {
      const rss = await settled();
      const row: MemoryRow = {
        case: "memory",
        what,
        sessions: count,
        rssMiB: round(rss / 2 ** 20),
        kibEach: round(each(rss) / 1024),
      };
      report.row(row);
      report.progress(`${what}: ${row.rssMiB} MiB`);
      before = rss;
    };
    let connected = 0;
    for (const count of sessions) {
      await rig.connect(count - connected, 0);
      connected = count;
      await look("idle sessions", count, (rss) => (rss - base) / count);
    }
    await rig.join(most);
    await look("and a channel of its own each", most, (rss) => (rss - before) / most);
    await rig.join(1);
    await look("and one channel for all", most, (rss) => (rss - before) / most);
    await rig.leave();
    await look("after all have left", 0, (rss) => (rss - base) / most);
    await rig.connect(most, 0);
    await look("idle sessions again", most, (rss) => (rss - base) / most);
    return { failed: false };
  } finally {
    await rig.stop();
  }
}
