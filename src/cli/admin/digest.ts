import { auditDigest, auditKeyFileIn, readAuditKey } from "../../server/auth/audit-key.js";
import { defaultDataDir } from "../../server/config.js";
import { messageOf } from "../../server/message-of.js";
import { CliError } from "../cli-error.js";
import type { CliContext } from "../context.js";

export interface DigestOptions {
  readonly auditKeyFile?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `aldis admin digest`: under which digest the audit log speaks of somebody. It needs the key, and no server. */
export function digest(text: string, options: DigestOptions, { env, readFile, output }: CliContext): number {
  const path =
    options.auditKeyFile ??
    env.ALDIS_AUDIT_KEY_FILE ??
    auditKeyFileIn(options.dataDir ?? env.ALDIS_DATA_DIR ?? defaultDataDir(env));
  const found = auditDigest(keyIn(path, readFile), text);
  output.write(options.json ? `${JSON.stringify({ digest: found })}\n` : `${found}\n`);
  return 0;
}

function keyIn(path: string, readFile: CliContext["readFile"]): string {
  try {
    return readAuditKey(path, readFile);
  } catch (thrown) {
    throw new CliError(messageOf(thrown), 2);
  }
}
