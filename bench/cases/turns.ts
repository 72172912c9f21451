import { Rig } from "../load/rig.js";
import type { Report } from "../support/report.js";
import type { Batches, System } from "../systems/system.js";
import { type FanOutRow, summarise } from "./fan-out.js";

export interface TurnsOptions {
  readonly members: number;
  /** Messages a second. */
  readonly rate: number;
  readonly bytes: number;
  /** Length of a turn. */
  readonly seconds: number;
  /** Seconds of the same load before the first turn. */
  readonly warmUp: number;
  /** Turns of each system. */
  readonly runs: number;
  /** What the floors write. */
  readonly batches: Batches;
}

/**
 * Medians of some systems under one load. Each is started and warmed up once, and then they take turns: so they are as hot as servers that
 * run for days, and whatever the machine does meanwhile hits all.
 */
export async function takeTurns(systems: readonly System[], options: TurnsOptions, report: Report) {
  const { members, rate, bytes, seconds, warmUp, runs, batches } = options;
  const combination = { members, rate, bytes };
  const rigs: { readonly system: string; readonly rig: Rig }[] = [];
  const rows: FanOutRow[] = [];
  try {
    for (const system of systems) {
      report.progress(`${system.name}: ${members} members, ${rate}/s, warm-up of ${warmUp} s`);
      const rig = await Rig.start(system, { batches });
      rigs.push({ system: system.name, rig });
      await rig.fill(members);
      await rig.measure({ rate, bytes, seconds: warmUp });
    }
    for (let run = 1; run <= runs; run += 1) {
      for (const { system, rig } of rigs) {
        report.progress(`${system}, turn ${run} of ${runs}: ${members} members, ${rate}/s`);
        const measured = await rig.measure({ rate, bytes, seconds });
        const row: FanOutRow = { case: "fan-out", system, run, ...combination, ...measured };
        rows.push(row);
        report.row(row);
      }
    }
    return systems.map(({ name }) => summarise(rows.filter(({ system }) => system === name)));
  } finally {
    await Promise.all(rigs.map(({ rig }) => rig.stop()));
  }
}
