// What the doctor finds out about the configuration, and the files with keys that it names.
import { readAppsFile } from "../../server/auth/apps-file.js";
import { openAdminKeys } from "../../server/auth/open-admin-keys.js";
import type { Config, Environment, LoadedConfig } from "../../server/config.js";
import { isPublicAddress } from "../../server/edge/plaintext.js";
import type { CliContext } from "../context.js";
import { type Finding, failed, ok, warning } from "./finding.js";

const name = "configuration";

export function checkConfiguration(loaded: LoadedConfig, env: Environment): readonly Finding[] {
  if (!loaded.ok)
    return loaded.problems.map((problem) => failed(name, problem, "Correct it; aldis serve --help has all settings."));
  const { allowNoToken, development, grpcHost } = loaded.config;
  const findings: Finding[] = [];
  if (allowNoToken)
    findings.push(warning(name, "users get in without a token", "Take --allow-no-token away outside of tests."));
  if (development && isPublicAddress(grpcHost)) {
    const found = `a development server would listen on ${grpcHost}`;
    findings.push(warning(name, found, "Set --token-secret-file or --apps-file."));
  }
  if (env.GRPC_NODE_DEBUG_SEND_ERROR_DETAILS === "true") {
    const found = "GRPC_NODE_DEBUG_SEND_ERROR_DETAILS tells strangers about the inside of the server";
    findings.push(warning(name, found, "Unset the variable."));
  }
  return findings.length > 0 ? findings : [ok(name, development ? "a development server" : "a production server")];
}

/** The apps with their keys, those that providers publish among them. */
export async function checkApps(
  { appsFile, appId, development }: Config,
  { readFile, machine }: CliContext,
): Promise<Finding[]> {
  if (appsFile === undefined)
    return [ok("keys", `app ${appId}, with ${development ? "a key of its own making" : "one secret"}`)];
  const file = readAppsFile(appsFile, readFile);
  if ("problems" in file) return file.problems.map((problem) => failed("keys", problem, "Correct the apps file."));
  const findings: Finding[] = [];
  for (const { id, jwks } of file.apps) {
    if (jwks === undefined) continue;
    await machine.fetchText(jwks.url).catch((failure: Error) => {
      const found = `the keys of app ${id} cannot be had from ${jwks.url}: ${failure.message}`;
      findings.push(warning("keys", found, "See to it that the address answers, or nobody with such a token gets in."));
    });
  }
  const keys = file.apps.reduce((count, app) => count + app.keys.length, 0);
  return findings.length > 0 ? findings : [ok("keys", `${file.apps.length} apps, ${keys} keys in files`)];
}

export function checkAdminKeys(config: Config): Finding {
  try {
    const { keys } = openAdminKeys(config, undefined, { report: () => {}, announce: () => {} });
    if (!keys.isEmpty || config.development) return ok("admin keys", "the admin service is on");
    return ok("admin keys", "none: the admin service is off");
  } catch (thrown) {
    return failed("admin keys", (thrown as Error).message, "Correct the file of --admin-keys-file.");
  }
}

/** Whether others may read files that hold secrets. */
export function checkSecretFiles(paths: readonly string[], { machine }: CliContext): Finding {
  const open = paths.filter((path) => ((machine.file(path)?.permissions ?? 0) & 0o004) !== 0);
  if (open.length === 0) return ok("secret files", paths.length === 0 ? "none" : `${paths.length}, which others cannot read`);
  return warning("secret files", `every user may read ${open.join(", ")}`, `Run: chmod o-rwx ${open.join(" ")}`);
}
