import type { Measurement } from "./honest-clients.js";
import type { Outcome } from "./tally.js";

/** The line of one attack. */
export interface Result extends Outcome {
  readonly attack: string;
  readonly peakMemoryMiB: number;
  /** What honest clients had before the attack, and during it. */
  readonly before: Measurement;
  readonly during: Measurement;
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
  readonly before: Measurement;
  readonly during: Measurement;
  readonly server: { readonly peakBytes: number; readonly problems: readonly string[] };
  /** True if honest clients that are slowed down make the attack a success. */
  readonly judgeLatency: boolean;
}

/** Says whether the server stood an attack. */
export function judge({ attack, outcome, before, during, server, judgeLatency }: Findings): Result {
  const slowed = during.p99Ms > Math.max(before.p99Ms * slowerShare, before.p99Ms + slackMs);
  const problems = [...server.problems, ...outcome.breaches];
  if (outcome.sent === 0) problems.push("the attack sent nothing");
  if (outcome.cut === 0 && Object.keys(outcome.refused).length === 0) problems.push("the attacker was neither refused nor cut");
  if (during.failures > 0) problems.push(`honest clients had ${during.failures} failures`);
  if (slowed && judgeLatency) problems.push(`honest clients waited ${during.p99Ms} ms instead of ${before.p99Ms} ms`);
  const peakMemoryMiB = Math.round(server.peakBytes / 1024 / 1024);
  const verdict = problems.length === 0 ? "passed" : "failed";
  return { attack, verdict, ...outcome, peakMemoryMiB, before, during, slowed, problems };
}
