// The file with the keys of the admin service. It is JSON, and a secret as a whole:
// {"keys": [{"name": "ops", "key": "at least 32 bytes"}, {"name": "shop's back end", "key": "…", "app": "shop"}]}

import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Config } from "../config.js";
import { messageOf } from "../message-of.js";
import type { OperatorNews } from "../operator-news.js";
import type { Clock, Timer } from "../runtime.js";
import { type AdminKey, AdminKeys, developmentAdminKey, minKeyBytes } from "./admin-keys.js";

const keySchema = z.strictObject({
  name: z.string().min(1).max(128),
  key: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= minKeyBytes, `must be at least ${minKeyBytes} bytes long`)
    .refine((text) => !/\s/.test(text), "must not have spaces"),
  app: z.string().min(1).optional(),
});

const fileSchema = z.strictObject({ keys: z.array(keySchema).max(1000) });

export interface OpenAdminKeys {
  readonly keys: AdminKeys;
  /** Reads the file again. One that is wrong changes nothing, and is told once. */
  reload(): void;
  /** Reads the file again from time to time. */
  watch(clock: Clock): Timer;
}

/** How often the file is looked at, in milliseconds. */
const lookEveryMs = 10_000;

/**
 * The admin keys of the configuration. `developmentSecret` is that of a development server; `report` hears what is wrong with the
 * file later, and `announce` of keys that are used from now on. Throws if the file is wrong.
 */
export function openAdminKeys(
  { adminKey, adminKeysFile }: Pick<Config, "adminKey" | "adminKeysFile">,
  developmentSecret: string | undefined,
  { report, announce }: OperatorNews,
): OpenAdminKeys {
  const fixed: AdminKey[] = [];
  if (adminKey !== undefined) fixed.push({ name: "admin", key: adminKey });
  if (developmentSecret !== undefined) fixed.push(developmentAdminKey(developmentSecret));
  const read = () => [...fixed, ...(adminKeysFile === undefined ? [] : readKeys(adminKeysFile))];
  let entries = read();
  const keys = new AdminKeys(entries);
  let problem = "";
  const reload = () => {
    try {
      const before = JSON.stringify(entries);
      entries = read();
      problem = "";
      if (JSON.stringify(entries) === before) return;
      keys.replace(entries);
      announce(`the admin keys have been read again: ${entries.map(({ name }) => name).join(", ") || "none"}`);
    } catch (thrown) {
      if (messageOf(thrown) !== problem) report(messageOf(thrown));
      problem = messageOf(thrown);
    }
  };
  return { keys, reload, watch: (clock) => clock.every(lookEveryMs, reload) };
}

function readKeys(path: string): readonly AdminKey[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    // The message of a parser quotes what it has read.
    const reason = thrown instanceof SyntaxError ? "it is not JSON" : messageOf(thrown);
    throw new Error(`The admin keys file "${path}" cannot be read: ${reason}.`);
  }
  const parsed = fileSchema.safeParse(content);
  if (parsed.success) return parsed.data.keys;
  const problems = parsed.error.issues.map(
    ({ path: at, message }) => `The admin keys file "${path}": ${at.join(".") || "it"}: ${message}.`,
  );
  throw new Error(problems.join("\n"));
}
