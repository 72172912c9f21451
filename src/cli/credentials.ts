import { join } from "node:path";
import { readDevelopmentFile } from "../server/auth/development-file.js";
import { type SecretTokenKey, secretTokenKey } from "../server/auth/token-key.js";
import { loadConfig } from "../server/config.js";
import { CliError } from "./cli-error.js";
import type { CliContext } from "./context.js";
import { hostAndPort } from "./values.js";

/** The options with which a command finds a server and its key. */
export interface CredentialOptions {
  readonly app?: string;
  readonly dataDir?: string;
  readonly secretFile?: string;
}

/** What it takes to make tokens, and where the server of this machine is. */
export interface Credentials {
  readonly appId: string;
  readonly key: SecretTokenKey;
  /** Where the key came from, for people. */
  readonly source: string;
  /** "host:port" of the development server of this machine; undefined if it does not run. */
  readonly address?: string;
}

/**
 * The key that a server with the same options and variables uses: a secret that is set, or that of the development server.
 * Undefined if there is neither. Throws a `CliError` if the options or variables are wrong.
 */
export async function findCredentials(options: CredentialOptions, context: CliContext): Promise<Credentials | undefined> {
  const { app: appId, dataDir, secretFile: tokenSecretFile } = options;
  const loaded = loadConfig({ flags: { appId, dataDir, tokenSecretFile }, env: context.env, readFile: context.readFile });
  if (!loaded.ok) throw new CliError(loaded.problems.join("\n"), 2);
  const { config } = loaded;
  const file = await readDevelopmentFile(config.dataDir);
  const address = file?.grpc === undefined ? undefined : reachable(file.grpc);
  if (config.tokenSecret !== undefined) {
    return { appId: config.appId, key: secretTokenKey(config.tokenSecret), source: "the token secret that is set", address };
  }
  if (file === undefined) return undefined;
  const source = join(config.dataDir, "development.json");
  return { appId: appId ?? file.appId, key: secretTokenKey(file.secret), source, address };
}

/** The error of a command that cannot go on without a key. */
export function noCredentials(): CliError {
  return new CliError(
    "There is no token key: no development server has run here. Start one with `aldis serve`, or give --secret-file.",
  );
}

/** A server that listens on all addresses is reached by that of the machine itself. */
export function reachable(address: string): string {
  const { host, port } = hostAndPort(address);
  if (host === "0.0.0.0") return `127.0.0.1:${port}`;
  return host === "::" ? `[::1]:${port}` : address;
}
