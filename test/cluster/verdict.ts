import type { Violation } from "../simulation/checkers/checker.js";
import { checkers, type Guarantee } from "../simulation/checkers/index.js";
import type { Entry } from "../simulation/journal.js";

/** What can go wrong, as it is counted. */
export interface Counts {
  lost: number;
  duplicated: number;
  reordered: number;
  sessionsDoubled: number;
  invitationsSplit: number;
  /** Clients that did not come back, and promises about times of trouble that did not hold. */
  unwell: number;
}

export const noCounts = (): Counts => ({
  ...{ lost: 0, duplicated: 0, reordered: 0 },
  ...{ sessionsDoubled: 0, invitationsSplit: 0, unwell: 0 },
});

export interface Problem {
  readonly guarantee: Guarantee;
  readonly violation: Violation;
}

/** The guarantees that are watched, and what a violation of each counts as. */
const counted = {
  "no-silent-loss": "lost",
  "true-receipt": "lost",
  "no-duplicate": "duplicated",
  "peer-order": "reordered",
  "channel-order": "reordered",
  "one-session": "sessionsDoubled",
  "one-outcome": "invitationsSplit",
} as const satisfies Partial<Record<Guarantee, keyof Counts>>;

/** What is wrong with all that has happened, if all is quiet at the end of it. */
export function judge(entries: readonly Entry[], at: number): readonly Problem[] {
  const problems: Problem[] = [];
  for (const guarantee of Object.keys(counted) as (keyof typeof counted)[]) {
    const checker = checkers[guarantee]((violation) => problems.push({ guarantee, violation }));
    for (const entry of entries) checker.take(entry);
    checker.take({ at, who: "server", what: { kind: "quiet" } });
    checker.end();
  }
  return problems;
}

export function count(problems: readonly Problem[]): Counts {
  const counts = noCounts();
  for (const { guarantee, violation } of problems) {
    const isStuck = violation.problem.includes("without a session");
    counts[isStuck ? "unwell" : counted[guarantee as keyof typeof counted]] += 1;
  }
  return counts;
}
