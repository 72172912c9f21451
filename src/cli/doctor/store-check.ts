import { surveyStore } from "../../server/compose.js";
import type { Config } from "../../server/config.js";
import type { CliContext } from "../context.js";
import { type Finding, failed, ok, skipped, warning } from "./finding.js";

/** What the doctor finds out about the data directory. */
export function checkData(config: Config, { machine }: CliContext): readonly Finding[] {
  const { dataDir, store, engine } = config;
  if (engine === "redis") return [ok("data", "in Redis, which all servers share")];
  if (store === "memory") return [ok("data", "in memory: nothing outlives the server")];
  const { problems, freeBytes, schema, ownSchema } = surveyStore(config);
  if (problems.length > 0) {
    return problems.map((problem) => failed("data", problem, "Then look again; aldis store check reads all that is stored."));
  }
  if (((machine.file(dataDir)?.permissions ?? 0) & 0o077) !== 0) {
    return [warning("data", `others may look into ${dataDir}`, `Run: chmod 700 ${dataDir}`)];
  }
  const state =
    schema === undefined ? "no store yet" : `schema ${schema}${schema < ownSchema ? `, to become ${ownSchema}` : ""}`;
  return [ok("data", `${dataDir}: ${state}, ${Math.floor(freeBytes / 2 ** 20)} MiB free`)];
}

/** Above these a disk is called slow, in milliseconds: what is stored is confirmed, and heard in channels, when it is on disk. */
const slow = { usualMs: 20, longestMs: 200 };

/** What the doctor finds out about the disk of the data directory. Nothing where the data is elsewhere. */
export function checkDisk({ dataDir, store, engine }: Config, { machine, runtime }: CliContext): readonly Finding[] {
  if (engine === "redis" || store === "memory") return [];
  const times = machine.syncTimes(dataDir, runtime.clock)?.toSorted((one, other) => one - other);
  if (times === undefined) return [skipped("disk", `nothing can be written to ${dataDir} yet`)];
  const [usualMs, longestMs] = [times[Math.floor(times.length / 2)] ?? 0, times.at(-1) ?? 0];
  const found = `a sync takes ${usualMs.toFixed(1)} ms; the longest of ${times.length} took ${longestMs.toFixed(1)} ms`;
  if (usualMs <= slow.usualMs && longestMs <= slow.longestMs) return [ok("disk", found)];
  const advice = "Give the data directory a local disk with few other users: all that is stored waits for it.";
  return [warning("disk", found, advice)];
}
