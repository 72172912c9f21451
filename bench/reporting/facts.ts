import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { round } from "../support/statistics.js";
import { peerNames, systemsOf } from "../systems/systems.js";

/** Where and with what figures came about. */
export interface Facts {
  readonly date: string;
  readonly commit: string;
  /** Processes that wanted to run just before: above 0.5, the machine was busy with something else. */
  readonly load: number;
  readonly machine: string;
  readonly node: string;
  /** The systems that were there, with their versions. */
  readonly systems: readonly { readonly system: string; readonly version: string; readonly about: string }[];
}

export function collectFacts(): Facts {
  const processors = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    load: round(loadavg()[0] ?? 0),
    machine: `${processors.length} × ${processors[0]?.model ?? "unknown"}, ${gigabytes} GiB, ${distribution()}, ${type()} ${release()}`,
    node: process.version,
    systems: systemsOf(peerNames, () => {}).map((system) => ({
      system: system.name,
      version: system.version() ?? "",
      about: system.about,
    })),
  };
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
