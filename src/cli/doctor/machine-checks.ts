// What the doctor finds out about the machine itself.
import { join } from "node:path";
import type { Config } from "../../server/config.js";
import type { Clock } from "../../server/runtime.js";
import { time } from "../admin/table.js";
import { type Finding, failed, ok, skipped, warning } from "./finding.js";
import type { Machine } from "./machine.js";

const oldest = "20.19.0";

/** The first version of each line of Node that has the known faults of HTTP/2 mended (CVE-2026-56848). */
const mended = ["22.23.2", "24.18.1", "26.5.1"];

export function checkNode({ nodeVersion: version }: Machine): Finding {
  if (isOlder(version, oldest)) return failed("node", `${version}; Aldis needs ${oldest} or later`, "Install Node 24 or 22.");
  const line = mended.find((first) => majorOf(first) === majorOf(version));
  if (line !== undefined && isOlder(version, line)) {
    return warning("node", `${version} has faults of HTTP/2 that strangers can use`, `Update Node to ${line} or later.`);
  }
  if (line === undefined && majorOf(version) < 26) {
    return warning("node", `${version} gets no more fixes`, "Install Node 24 or 22 before strangers can reach the server.");
  }
  return ok("node", version);
}

const majorOf = (version: string): number => Number.parseInt(version, 10);

function isOlder(version: string, other: string): boolean {
  return version.localeCompare(other, "en", { numeric: true }) < 0;
}

/** How far a clock may lie behind a file before it is called wrong: file servers have clocks of their own. */
const clockGraceMs = 60_000;

/** A clock cannot be judged without another one; but what was written cannot lie in the future. */
export function checkClock(machine: Machine, clock: Clock, dataDir: string): Finding {
  const now = clock.now();
  const files = ["aldis.db", "aldis.db-wal", "development.json"].map((name) => join(dataDir, name));
  const [latest] = files
    .map((path) => ({ path, modifiedAtMs: machine.file(path)?.modifiedAtMs ?? 0 }))
    .sort((one, other) => other.modifiedAtMs - one.modifiedAtMs);
  if (latest !== undefined && latest.modifiedAtMs > now + clockGraceMs) {
    const found = `it is ${time(now)} here, but ${latest.path} was written at ${time(latest.modifiedAtMs)}`;
    return failed("clock", found, "Set the clock: tokens, bans and stored messages would end at a wrong time.");
  }
  return ok("clock", `${time(now)}, and nothing was written later; whether it is exact is known to NTP only`);
}

/** Files that a server has open besides its connections. */
const ownFiles = 200;

export function checkOpenFiles(machine: Machine, { limits }: Config): Finding {
  const allowed = machine.openFiles();
  const needed = limits.sessions + ownFiles;
  if (allowed === undefined) return skipped("open files", `this system does not tell; ${needed} are needed`);
  if (allowed >= needed) return ok("open files", `${allowed} for this user; ${needed} are needed`);
  return warning(
    "open files",
    `${allowed} for this user, and ${limits.sessions} sessions need ${needed}`,
    `Set LimitNOFILE=${needed} in the unit (or ulimit -n), or --limit sessions=${Math.max(1, allowed - ownFiles)}.`,
  );
}

export function checkMemory(machine: Machine, { limits }: Config): Finding {
  const [allowed, ceiling] = [mebibytes(machine.memoryBytes()), mebibytes(limits.memoryBytes)];
  if (ceiling < allowed) return ok("memory", `${allowed} MiB; the server opens nothing new above ${ceiling} MiB`);
  return warning(
    "memory",
    `${allowed} MiB, but the server would refuse clients only above ${ceiling} MiB`,
    `Give it more memory, or set --limit memoryBytes=${Math.floor(machine.memoryBytes() * 0.75)}.`,
  );
}

const mebibytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);
