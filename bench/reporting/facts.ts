import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { round } from "../support/statistics.js";
import { peerNames, systemsOf } from "../systems/systems.js";

/** Where and with what figures came about. */
export interface Facts {
  readonly date: string;
  readonly commit: string;
  /** The processors that were at work for two seconds before anything was started: a part of one, on a quiet machine little. */
  readonly busyProcessors: number;
  readonly machine: string;
  readonly node: string;
  /** The systems that were there, with their versions. */
  readonly systems: readonly { readonly system: string; readonly version: string; readonly about: string }[];
}

const lookMs = 2000;

export async function collectFacts(): Promise<Facts> {
  const processors = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    busyProcessors: await busyProcessors(),
    machine: `${processors.length} × ${processors[0]?.model ?? "unknown"}, ${gigabytes} GiB, ${distribution()}, ${type()} ${release()}`,
    node: process.version,
    systems: systemsOf(peerNames, () => {}).map((system) => ({
      system: system.name,
      version: system.version() ?? "",
      about: system.about,
    })),
  };
}

async function busyProcessors(): Promise<number> {
  const before = workedMs();
  await sleep(lookMs);
  return round((workedMs() - before) / lookMs);
}

/** The time that all processors have worked since the machine started. */
function workedMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

function commit(): string {
  const git = (...args: readonly string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  try {
    const changed = git("status", "--porcelain", "--", "src", "gen", "proto") === "" ? "" : ", with changes in the server";
    return `${git("rev-parse", "--short=12", "HEAD")}${changed}`;
  } catch {
    return "unknown";
  }
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown system";
  } catch {
    return "unknown system";
  }
}
