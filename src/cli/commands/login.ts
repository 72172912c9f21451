import { createInterface } from "node:readline";
import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import type { AldisClient } from "../../client/client.js";
import { createClient } from "../../client/index.js";
import type { TokenSource } from "../../client/options.js";
import { issueToken } from "../../server/auth/jwt.js";
import { CliError } from "../cli-error.js";
import type { CliContext } from "../context.js";
import { type CredentialOptions, type Credentials, findCredentials, noCredentials } from "../credentials.js";
import { Conversation } from "../login/conversation.js";
import { Display } from "../login/display.js";
import { showClient } from "../login/news.js";
import { type TlsOptions, tlsOf, withTlsHint } from "../tls.js";

export interface LoginOptions extends CredentialOptions, TlsOptions {
  readonly user: string;
  readonly address?: string;
  readonly token?: string;
}

/** `aldis login`: talks as a user until the input ends, the user quits, or the server ends the session for good. */
export async function loginCommand(options: LoginOptions, context: CliContext): Promise<number> {
  const credentials = await findCredentials(options, context);
  const address = options.address ?? credentials?.address;
  if (address === undefined) throw new CliError("No server runs here. Start one with `aldis serve`, or give --address.");
  const client = createClient({
    appId: options.app ?? credentials?.appId ?? "dev",
    userId: options.user,
    token: tokenSource(options, credentials, context),
    transport: context.openTransport(address, tlsOf(options, context)),
  });
  try {
    await client.login();
    context.errors.write(`Logged in to ${address}. Type /help for the commands.\n`);
    return await converse(client, context);
  } catch (thrown) {
    throw withTlsHint(thrown, options);
  } finally {
    await client.close();
  }
}

function tokenSource(options: LoginOptions, credentials: Credentials | undefined, context: CliContext): TokenSource {
  if (options.token !== undefined) return options.token;
  if (credentials === undefined) throw noCredentials();
  const { appId, key } = credentials;
  return () => issueToken({ appId, userId: options.user, key, runtime: context.runtime });
}

async function converse(client: AldisClient, context: CliContext): Promise<number> {
  const { input, output } = context;
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({ input, output: isTerminal ? output : undefined, terminal: isTerminal, prompt: "> " });
  const display = new Display(output, isTerminal ? lines : undefined);
  const conversation = new Conversation(client, (text) => display.show(text));
  showClient(client, (text) => display.show(text));
  client.on("stateChanged", ({ state }) => {
    if (state === ConnectionState.ABORTED) lines.close();
  });
  lines.on("SIGINT", () => lines.close());
  context.onStop(() => lines.close());
  if (isTerminal) lines.prompt();
  for await (const line of lines) {
    if (!(await conversation.handle(line))) break;
    if (isTerminal) lines.prompt();
  }
  // A script wants to know; a person has seen it.
  const failed = conversation.failed && !isTerminal;
  return failed || client.state === ConnectionState.ABORTED ? 1 : 0;
}
