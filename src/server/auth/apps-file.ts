// The file that says which apps a server serves, and with which keys their tokens are signed. It is JSON:
// {"apps": {"shop": {"keys": [{"id": "2026", "secretFile": "shop.secret"}, {"id": "ci", "publicKeyFile": "ci.pem"}],
//                    "jwks": {"url": "https://login.example.com/keys"}, "audience": "aldis", "issuer": "https://login.example.com", "limits": {"appSessions": 500, "appMessages": 100}}}}
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import { messageOf } from "../message-of.js";
import type { AppLimitName } from "./app.js";
import { minSecretBytes, publicAlgorithms, publicTokenKey, secretTokenKey, type TokenKey } from "./token-key.js";

const keyId = z.string().min(1).max(128);
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** A private network needs no certificate only on this machine: whoever could answer in the provider's place could let anybody in. */
const keySetUrl = z.url().refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && loopback.test(hostname));
}, "must begin with https://");

const keySchema = z.union([
  z.strictObject({ id: keyId.optional(), secretFile: z.string().min(1) }),
  z.strictObject({ id: keyId.optional(), publicKeyFile: z.string().min(1), algorithm: z.enum(publicAlgorithms).optional() }),
]);

function limit(name: AppLimitName) {
  const { min, max } = limitTable[name];
  return z.int().min(min).max(Math.min(max, Number.MAX_SAFE_INTEGER)).optional();
}

const appSchema = z.strictObject({
  keys: z.array(keySchema).max(16).default([]),
  jwks: z.strictObject({ url: keySetUrl, algorithms: z.array(z.enum(publicAlgorithms)).min(1).optional() }).optional(),
  audience: z.string().min(1).optional(),
  issuer: z.string().min(1).optional(),
  limits: z
    .strictObject({ appSessions: limit("appSessions"), appChannels: limit("appChannels"), appMessages: limit("appMessages") })
    .optional(),
});

const appId = z
  .string()
  .refine((text) => text !== "" && Buffer.byteLength(text) <= limitTable.appIdBytes.default && !/\p{Cc}/u.test(text));

const fileSchema = z.strictObject({ apps: z.record(appId, appSchema) });

/** An app as the file has it, with its key files read. */
export interface AppDefinition extends Omit<z.output<typeof appSchema>, "keys"> {
  readonly id: string;
  readonly keys: readonly TokenKey[];
}

/** What a file says, or everything that is wrong with it, in sentences that name the place. */
export type AppsFile = { readonly apps: readonly AppDefinition[] } | { readonly problems: readonly string[] };

/** Reads a text file; throws an `Error` if it cannot. */
export type ReadFile = (path: string) => string;

/** Reads the file and the key files it names, whose paths are relative to it. Never throws. */
export function readAppsFile(path: string, readFile: ReadFile): AppsFile {
  let content: unknown;
  try {
    content = JSON.parse(readFile(path));
  } catch (thrown) {
    return { problems: [`The apps file "${path}" cannot be read: ${messageOf(thrown)}.`] };
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map((issue) => `The apps file "${path}": ${issue.path.join(".")}: ${issue.message}.`),
    };
  }
  const problems: string[] = [];
  const apps = Object.entries(parsed.data.apps).map(([id, app]) => {
    const keys = app.keys.flatMap((key, index) => {
      try {
        return [readKey(key, (name) => readFile(resolve(dirname(path), name)))];
      } catch (thrown) {
        problems.push(`The apps file "${path}": key ${index + 1} of app "${id}" does not do: ${messageOf(thrown)}.`);
        return [];
      }
    });
    if (app.keys.length === 0 && app.jwks === undefined) {
      problems.push(`The apps file "${path}": app "${id}" needs "keys" or "jwks", else nobody could log in.`);
    }
    return { ...app, id, keys };
  });
  if (apps.length === 0) problems.push(`The apps file "${path}" names no app.`);
  return problems.length > 0 ? { problems } : { apps };
}

function readKey(key: z.output<typeof keySchema>, readFile: ReadFile): TokenKey {
  if ("publicKeyFile" in key) return publicTokenKey(readFile(key.publicKeyFile), key.id, key.algorithm);
  const secret = readFile(key.secretFile).replace(/[\r\n]+$/, "");
  if (Buffer.byteLength(secret) < minSecretBytes) {
    throw new Error(`its secret is too short; it must be at least ${minSecretBytes} bytes long`);
  }
  return secretTokenKey(secret, key.id);
}
