// The key with which the audit log hides whom calls are about.
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.js";
import { messageOf } from "../message-of.js";
import { makePrivateDirectory } from "../private-directory.js";
import { type Runtime, randomId } from "../runtime.js";

/** The least length of a key in bytes, so that it cannot be guessed. */
const minAuditKeyBytes = 32;

/** Where a server keeps the key that it has made for itself. */
export const auditKeyFileIn = (dataDir: string): string => join(dataDir, "audit-key");

/** What the audit log has in place of a personal text: only whoever holds the key can tell whether it is somebody's. */
export function auditDigest(key: string, text: string): string {
  return `hmac:${createHmac("sha256", key).update(text).digest("hex").slice(0, 16)}`;
}

/** The key in a file; line ends at its end do not count. Throws an `Error` that says what is wrong with it. */
export function readAuditKey(path: string, readFile: (path: string) => string): string {
  const key = attempt(path, () => readFile(path)).replace(/[\r\n]+$/, "");
  if (Buffer.byteLength(key) >= minAuditKeyBytes) return key;
  throw new Error(`The audit key in "${path}" is too short; it must be at least ${minAuditKeyBytes} bytes long.`);
}

/**
 * The key of a server: that of its file, or the one in its data directory, which is made at the first start. A server that keeps
 * nothing has another one each time, and nobody can look into its digests later. Throws if a file is wrong.
 */
export function openAuditKey(
  { auditKeyFile, dataDir }: Pick<Config, "auditKeyFile" | "dataDir">,
  keeps: boolean,
  runtime: Runtime,
): string {
  const readFile = (path: string) => readFileSync(path, "utf8");
  if (auditKeyFile !== undefined) return readAuditKey(auditKeyFile, readFile);
  const fresh = randomId(runtime, 256);
  if (!keeps) return fresh;
  const path = auditKeyFileIn(dataDir);
  makePrivateDirectory(dataDir);
  try {
    writeFileSync(path, `${fresh}\n`, { mode: 0o600, flag: "wx" });
    return fresh;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== "EEXIST") throw new Error(`Cannot write "${path}": ${messageOf(failure)}.`);
    return readAuditKey(path, readFile);
  }
}

function attempt(path: string, read: () => string): string {
  try {
    return read();
  } catch (thrown) {
    throw new Error(`The audit key file "${path}" cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}
