import { type Findings, figureOf, type Line, linesOf } from "./section.js";

/** A figure that was to be reached. */
export interface Target {
  readonly target: string;
  readonly wanted: string;
  readonly measured: string;
  /** The same figure of a server over Node's HTTP/2 that does little but write: the page says which. Empty where there is none. */
  readonly floor: string;
  readonly met: "yes" | "no" | "not measured";
}

type AllFindings = Readonly<Record<string, Findings | undefined>>;

/** What was to be reached, beside what was. */
export function targetsOf(findings: AllFindings): readonly Target[] {
  return [...fanOutTargets(findings), ...saturationTargets(findings), ...serverTargets(findings)];
}

function fanOutTargets(findings: AllFindings): Target[] {
  const cpu = (system: string) => figureOf(line(findings, "fan-out", { system }), "cpuMicrosPerDelivery");
  const againstPeer = (text: string, peer: string, limit: number) =>
    atMost(`CPU a delivery, in parts of ${text}`, ratio(cpu("aldis"), cpu(peer)), limit, {
      floor: ratio(cpu("http2"), cpu(peer)),
    });
  const p99At = (section: string) => (system: string) => figureOf(line(findings, section, { system }), "p99Ms");
  const [p99, busyP99] = [p99At("low-load"), p99At("fan-out")];
  return [
    againstPeer("the naive loop's", "naive", 1 / 7),
    againstPeer("ws's", "ws", 1 / 3),
    againstPeer("Socket.IO's", "socket.io", 1 / 3),
    atMost("p99 at 500 members and 200 messages a second", busyP99("aldis"), 100, { unit: "ms", floor: busyP99("http2-disk") }),
    atMost("the same with channel logs in memory", busyP99("aldis-memory"), 100, { unit: "ms", floor: busyP99("http2") }),
    atMost("p99 above the naive loop's at low load", difference(p99("aldis"), p99("naive")), 2, {
      unit: "ms",
      floor: difference(p99("protocol"), p99("naive")),
    }),
    atMost("the same with channel logs in memory", difference(p99("aldis-memory"), p99("naive")), 2, { unit: "ms" }),
    atMost("dearest delivery from 100 to 5,000 members, in parts of the cheapest", spreadOverMembers(findings, "aldis"), 1.2, {
      floor: spreadOverMembers(findings, "http2"),
    }),
  ];
}

/** The cost of a system's delivery in the channel where it is dearest, in parts of that where it is cheapest. */
function spreadOverMembers(findings: AllFindings, system: string): number | undefined {
  const costs = linesFor(findings, "members")
    .filter((found) => found.system === system)
    .flatMap((found) => figureOf(found, "cpuMicrosPerDelivery") ?? []);
  return ratio(Math.max(...costs), Math.min(...costs));
}

/** For each size of the channel, what Aldis and the floors had in turns: lines of one load that say nothing of who bears it. */
function saturationTargets(findings: AllFindings): Target[] {
  const beside = linesFor(findings, "saturation").filter(({ sustained }) => sustained === undefined);
  return [200, 1000].flatMap((members) => {
    const of = (system: string) => beside.find((found) => found.system === system && found.members === members);
    const cpu = (system: string) => figureOf(of(system), "cpuMicrosPerDelivery");
    const channel = `${members} members, batches of ${figureOf(of("aldis"), "batch") ?? 0}`;
    const atMostOf = (target: string, system: string, floor: string) =>
      atMost(target, ratio(cpu(system), cpu("tcp")), 2.5, { floor: ratio(cpu(floor), cpu("tcp")) });
    return [
      atMostOf(`CPU at saturation (${channel}), in parts of raw TCP's`, "aldis", "protocol"),
      atMostOf("the same with channel logs in memory", "aldis-memory", "http2"),
    ];
  });
}

function serverTargets(findings: AllFindings): Target[] {
  const idle = linesFor(findings, "memory").filter(({ what }) => what === "idle sessions");
  const [slow] = linesFor(findings, "slow-reader");
  const [storm] = linesFor(findings, "storm");
  const joins = linesFor(findings, "join");
  const join = ratio(figureOf(joins.at(-1), "cpuMicrosPerJoin"), figureOf(joins[0], "cpuMicrosPerJoin"));
  const losses = Object.values(findings).filter((found) => found?.failed === true).length;
  return [
    atMost("memory of an idle session", figureOf(idle.at(-1), "kibEach"), 45, { unit: "KiB" }),
    atMost("change of the others' p99 by one stalled reader in a hundred", figureOf(slow, "p99Change"), 0.2),
    atMost(`${storm?.sessions ?? 0} sessions back after a cut`, figureOf(storm, "resumeMs"), 15_000, { unit: "ms" }),
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

interface About {
  readonly unit?: string;
  readonly floor?: number | undefined;
}

function atMost(target: string, measured: number | undefined, limit: number, { unit = "", floor }: About = {}): Target {
  const text = (value: number) => `${Number(value.toPrecision(3))} ${unit}`.trim();
  const known = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? text(value) : "");
  return {
    target,
    wanted: `at most ${text(limit)}`,
    measured: known(measured),
    floor: known(floor),
    met: measured === undefined || known(measured) === "" ? "not measured" : measured <= limit ? "yes" : "no",
  };
}
