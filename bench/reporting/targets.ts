import { type Findings, figureOf, type Line, linesOf } from "./section.js";

/** A figure that was to be reached. */
export interface Target {
  readonly target: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: "yes" | "no" | "not measured";
}

type AllFindings = Readonly<Record<string, Findings | undefined>>;

/** What was to be reached, beside what was. */
export function targetsOf(findings: AllFindings): readonly Target[] {
  return [...fanOutTargets(findings), ...saturationTargets(findings), ...serverTargets(findings)];
}

function fanOutTargets(findings: AllFindings): Target[] {
  const cpu = (system: string) => figureOf(line(findings, "fan-out", { system }), "cpuMicrosPerDelivery");
  const share = (peer: string) => ratio(cpu("aldis"), cpu(peer));
  const p99 = (system: string) => figureOf(line(findings, "low-load", { system }), "p99Ms");
  const byMembers = linesFor(findings, "members")
    .filter(({ system }) => system === "aldis")
    .flatMap((found) => figureOf(found, "cpuMicrosPerDelivery") ?? []);
  const growth = ratio(Math.max(...byMembers), Math.min(...byMembers));
  return [
    atMost("CPU a delivery, in parts of the naive loop's", share("naive"), 1 / 7),
    atMost("CPU a delivery, in parts of ws's", share("ws"), 1 / 3),
    atMost("CPU a delivery, in parts of Socket.IO's", share("socket.io"), 1 / 3),
    atMost(
      "p99 at 500 members and 200 messages a second",
      figureOf(line(findings, "fan-out", { system: "aldis" }), "p99Ms"),
      100,
      "ms",
    ),
    atMost("p99 above the naive loop's at low load", difference(p99("aldis"), p99("naive")), 2, "ms"),
    atMost("the same with channel logs in memory", difference(p99("aldis-memory"), p99("naive")), 2, "ms"),
    atMost("dearest delivery from 100 to 5,000 members, in parts of the cheapest", growth, 1.2),
  ];
}

function saturationTargets(findings: AllFindings): Target[] {
  const top = line(findings, "saturation", { system: "aldis" });
  const cpu = (system: string) => figureOf(line(findings, "saturation", { system }), "cpuMicrosPerDelivery");
  const batch = figureOf(top, "batch") ?? 0;
  return [atMost(`CPU at saturation (batches of ${batch}), in parts of the floor's`, ratio(cpu("aldis"), cpu("tcp")), 2.5)];
}

function serverTargets(findings: AllFindings): Target[] {
  const idle = linesFor(findings, "memory").filter(({ what }) => what === "idle sessions");
  const [slow] = linesFor(findings, "slow-reader");
  const [storm] = linesFor(findings, "storm");
  const joins = linesFor(findings, "join");
  const join = ratio(figureOf(joins.at(-1), "cpuMicrosPerJoin"), figureOf(joins[0], "cpuMicrosPerJoin"));
  const losses = Object.values(findings).filter((found) => found?.failed === true).length;
  return [
    atMost("memory of an idle session", figureOf(idle.at(-1), "kibEach"), 45, "KiB"),
    atMost("change of the others' p99 by one stalled reader in a hundred", figureOf(slow, "p99Change"), 0.2),
    atMost(`${storm?.sessions ?? 0} sessions back after a cut`, figureOf(storm, "resumeMs"), 15_000, "ms"),
    atMost("join of the largest channel, in parts of the smallest's", join, 1.2),
    atMost("cases in which something was lost, came twice or out of order", losses, 0),
  ];
}

function linesFor(findings: AllFindings, section: string): readonly Line[] {
  const found = findings[section];
  return found === undefined ? [] : linesOf(found);
}

function line(findings: AllFindings, section: string, like: Line): Line | undefined {
  return linesFor(findings, section).find((found) => Object.entries(like).every(([name, value]) => found[name] === value));
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

function atMost(target: string, measured: number | undefined, limit: number, unit = ""): Target {
  const text = (value: number) => `${Number(value.toPrecision(3))} ${unit}`.trim();
  const isKnown = measured !== undefined && Number.isFinite(measured);
  return {
    target,
    wanted: `at most ${text(limit)}`,
    measured: isKnown ? text(measured) : "",
    met: !isKnown ? "not measured" : measured <= limit ? "yes" : "no",
  };
}
