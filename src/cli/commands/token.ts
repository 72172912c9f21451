import { issueToken } from "../../server/auth/jwt.js";
import type { CliContext } from "../context.js";
import { type CredentialOptions, findCredentials, noCredentials } from "../credentials.js";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

export interface TokenOptions extends CredentialOptions {
  readonly user: string;
  /** How long the token is valid, in milliseconds; 24 hours by default. */
  readonly valid?: number;
}

/** `aldis token`: the token alone on standard output, what it is on standard error. */
export async function tokenCommand(options: TokenOptions, context: CliContext): Promise<number> {
  const credentials = await findCredentials(options, context);
  if (credentials === undefined) throw noCredentials();
  const { appId, key, source } = credentials;
  const { user: userId, valid: validForMs = dayMs } = options;
  const token = await issueToken({ appId, userId, validForMs, key, runtime: context.runtime });
  context.errors.write(`For user ${userId} of app ${appId}, valid for ${validForMs / hourMs} h, signed with ${source}.\n`);
  context.output.write(`${token}\n`);
  return 0;
}
