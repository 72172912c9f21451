import { issueToken } from "../../server/auth/jwt.js";
import type { CliContext } from "../context.js";
import { type CredentialOptions, findCredentials, noCredentials } from "../credentials.js";

export interface TokenOptions extends CredentialOptions {
  readonly user: string;
  /** How long the token is valid, in milliseconds. */
  readonly valid: number;
}

/** `aldis token`: the token alone on standard output, what it is on standard error. */
export async function tokenCommand(options: TokenOptions, context: CliContext): Promise<number> {
  const credentials = await findCredentials(options, context);
  if (credentials === undefined) throw noCredentials();
  const { appId, key, source } = credentials;
  const { user: userId, valid: validForMs } = options;
  const token = await issueToken({ appId, userId, validForMs, key, runtime: context.runtime });
  context.errors.write(`For user ${userId} of app ${appId}, valid for ${validForMs / 1000} s, signed with ${source}.\n`);
  context.output.write(`${token}\n`);
  return 0;
}
