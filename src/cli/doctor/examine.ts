import { type Flags, loadConfig } from "../../server/config.js";
import type { CliContext } from "../context.js";
import { checkAdminKeys, checkApps, checkConfiguration, checkSecretFiles } from "./configuration-checks.js";
import { type Finding, skipped } from "./finding.js";
import { checkClock, checkMemory, checkNode, checkOpenFiles } from "./machine-checks.js";
import { checkCertificate, checkPorts } from "./network-checks.js";
import { checkRedis } from "./redis-check.js";
import { checkData, checkDisk } from "./store-check.js";

/** Looks at all that a server with these flags and variables would need. Leaves everything as it was. */
export async function examine(flags: Flags, outer: CliContext): Promise<readonly Finding[]> {
  const read = new Map<string, string>();
  const readFile = (path: string) => {
    const text = outer.readFile(path);
    read.set(path, text);
    return text;
  };
  const context = { ...outer, readFile };
  const { env, machine, runtime } = context;
  const loaded = loadConfig({ flags, env, readFile });
  const findings = [checkNode(machine), ...checkConfiguration(loaded, env)];
  if (!loaded.ok) return [...findings, skipped("the rest", "cannot be looked at before the configuration is right")];
  const { config } = loaded;
  findings.push(...(await checkApps(config, context)), checkAdminKeys(config), checkCertificate(config, context));
  // Files that everybody may read are no secrets: the configuration, the list of apps, certificates and public keys.
  const known = [flags.config ?? env.ALDIS_CONFIG, config.appsFile];
  const secrets = [...read.keys()].filter((path) => !known.includes(path) && !isPublic(read.get(path) ?? ""));
  if (config.adminKeysFile !== undefined) secrets.push(config.adminKeysFile);
  if (config.auditKeyFile !== undefined) secrets.push(config.auditKeyFile);
  findings.push(checkSecretFiles(secrets, context));
  findings.push(...(await checkPorts(config, context)), ...checkData(config, context), ...checkDisk(config, context));
  findings.push(...(await checkRedis(config, context)));
  findings.push(
    checkClock(machine, runtime.clock, config.dataDir),
    checkOpenFiles(machine, config),
    checkMemory(machine, config),
  );
  return findings;
}

const isPublic = (text: string): boolean =>
  /-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/.test(text) && !text.includes("PRIVATE KEY");
