import { AdminClient } from "../../client/admin/admin-client.js";
import { messageOf } from "../../client/error.js";
import { developmentAdminKey } from "../../server/auth/admin-keys.js";
import { readDevelopmentFile } from "../../server/auth/development-file.js";
import { defaultDataDir } from "../../server/config.js";
import { CliError } from "../cli-error.js";
import type { CliContext } from "../context.js";
import { reachable } from "../credentials.js";
import { type TlsOptions, tlsOf } from "../tls.js";

/** The options with which a command finds a server and its admin key. */
export interface AdminOptions extends TlsOptions {
  readonly app?: string;
  readonly address?: string;
  readonly keyFile?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** The way to the admin service, and the app that a command is about. */
export interface Admin {
  readonly client: AdminClient;
  readonly appId: string;
}

/** Finds the server and the key: those that are named, or those of the development server of this machine. */
export async function openAdmin(options: AdminOptions, context: CliContext): Promise<Admin> {
  const { env } = context;
  const file = await readDevelopmentFile(options.dataDir ?? env.ALDIS_DATA_DIR ?? defaultDataDir(env));
  const address = options.address ?? (file?.grpc && reachable(file.grpc));
  if (address === undefined) throw new CliError("No server runs here. Start one with `aldis serve`, or give --address.");
  const key = keyFrom(options, context) ?? (file && developmentAdminKey(file.secret).key);
  if (key === undefined) throw new CliError("There is no admin key. Set ALDIS_ADMIN_KEY, or give --key-file.");
  const transport = context.openAdminTransport({ address, key, tls: tlsOf(options, context) });
  return { client: new AdminClient(transport), appId: options.app ?? env.ALDIS_APP_ID ?? file?.appId ?? "dev" };
}

function keyFrom({ keyFile }: AdminOptions, { env, readFile }: CliContext): string | undefined {
  if (keyFile === undefined) return env.ALDIS_ADMIN_KEY;
  try {
    return readFile(keyFile).trim();
  } catch (thrown) {
    throw new CliError(`The key file "${keyFile}" cannot be read: ${messageOf(thrown)}.`, 2);
  }
}
