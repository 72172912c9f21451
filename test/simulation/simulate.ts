import type { Violation } from "./checkers/checker.js";
import { checkers, type Guarantee } from "./checkers/index.js";
import type { JournalLine } from "./journal.js";
import { World } from "./world.js";

/** A broken promise of one run. */
export interface Finding extends Violation {
  readonly guarantee: Guarantee;
}

/** What came of one run. */
export interface Outcome {
  readonly seed: number;
  readonly nodes: number;
  /** The frames that arrived or were lost. */
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** The same for the same seed and the same code. */
  readonly hash: string;
  readonly lines: readonly JournalLine[];
}

/** More of one run say nothing new. */
const mostFindings = 20;

/** Runs the world of one seed, with all checkers. `nodes` fixes the number of nodes; otherwise the seed does. */
export async function simulate(seed: number, nodes?: number): Promise<Outcome> {
  const world = new World(seed, nodes);
  const findings: Finding[] = [];
  const watching = Object.entries(checkers).map(([guarantee, create]) =>
    create((violation) => {
      if (findings.length < mostFindings) findings.push({ ...violation, guarantee: guarantee as Guarantee });
    }),
  );
  world.journal.listen((entry) => {
    for (const checker of watching) checker.take(entry);
  });
  await world.run();
  for (const checker of watching) checker.end();
  const { events, lines } = world.journal;
  return {
    seed,
    nodes: world.servers.length,
    events,
    faults: world.faultCounts,
    findings,
    hash: world.journal.digest(),
    lines,
  };
}
