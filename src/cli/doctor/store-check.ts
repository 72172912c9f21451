import { surveyStore } from "../../server/compose.js";
import type { Config } from "../../server/config.js";
import type { CliContext } from "../context.js";
import { type Finding, failed, ok, warning } from "./finding.js";

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
