import type { Comparison, Measurement } from "./honest-clients.js";
import type { Outcome } from "./tally.js";

/** The line of one attack. */
export interface Result extends Outcome {
  readonly attack: string;
  readonly peakMemoryMiB: number;
  /** What honest clients had without the attack, and during it. */
  readonly before: Measurement;
  readonly during: Measurement;
  /** The middle of what each time of attack was slower than the calm before it. */
  readonly slowdown: number;
  readonly verdict: "passed" | "failed";
  readonly problems: readonly string[];
  /** True if honest clients had to wait longer than they may; whether that counts, the options say. */
  readonly slowed: boolean;
}

/** How much longer honest clients may wait: a share, and what two processes on one machine do to each other anyway. */
const [slowerShare, slackMs] = [1.2, 20];

export interface Findings {
  readonly attack: string;
  readonly outcome: Outcome;
  readonly comparison: Comparison;
  readonly server: { readonly peakBytes: number; readonly problems: readonly string[] };
  /** True if honest clients that are slowed down make the attack a success. */
  readonly judgeLatency: boolean;
}

/** Says whether the server stood an attack. */
export function judge({ attack, outcome, comparison, server, judgeLatency }: Findings): Result {
  const { before, during, failures, slowdown } = comparison;
  const slowed = slowdown > slowerShare && during.p99Ms > before.p99Ms + slackMs;
  const problems = [...server.problems, ...outcome.breaches];
  if (outcome.sent === 0) problems.push("the attack sent nothing");
  if (outcome.cut === 0 && Object.keys(outcome.refused).length === 0) problems.push("the attacker was neither refused nor cut");
  if (failures > 0) problems.push(`honest clients had ${failures} failures`);
  if (slowed && judgeLatency) problems.push(`honest clients waited ${during.p99Ms} ms instead of ${before.p99Ms} ms`);
  const peakMemoryMiB = Math.round(server.peakBytes / 1024 / 1024);
  const verdict = problems.length === 0 ? "passed" : "failed";
  return { attack, verdict, ...outcome, peakMemoryMiB, before, during, slowdown, slowed, problems };
}
