import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "../../client/transport/transport.js";
import { issueToken } from "../../server/auth/jwt.js";
import { CliError } from "../cli-error.js";
import type { CliContext } from "../context.js";
import { type CredentialOptions, type Credentials, findCredentials, noCredentials } from "../credentials.js";
import { jsonNarrator, plainNarrator } from "../demo/narrator.js";
import { play } from "../demo/play.js";
import { Scene, type Stage } from "../demo/scene.js";
import { story } from "../demo/story.js";
import { type TlsOptions, tlsOf } from "../tls.js";

export interface DemoOptions extends CredentialOptions, TlsOptions {
  readonly address?: readonly string[];
  readonly json?: boolean;
}

type OpenStage = Stage & { close(): Promise<void> };

/** `aldis demo`: plays the story on a server, and fails if a step does. */
export async function demoCommand(options: DemoOptions, context: CliContext): Promise<number> {
  const { env, output, runtime } = context;
  const narrator = options.json ? jsonNarrator(output) : plainNarrator(output, output.isTTY === true && !env.NO_COLOR);
  const stage = await chooseStage(options, context);
  narrator.begin(stage.description);
  const scene = new Scene(stage, runtime);
  try {
    return (await play(story, scene, narrator, runtime.clock)) ? 0 : 1;
  } finally {
    await scene.close();
    await stage.close();
  }
}

async function chooseStage(options: DemoOptions, context: CliContext): Promise<OpenStage> {
  const credentials = await findCredentials(options, context);
  const tls = tlsOf(options, context);
  const openTransport = (...addresses: readonly string[]) => spread(addresses, (some) => context.openTransport(some, tls));
  const { address: addresses } = options;
  if (addresses !== undefined) {
    if (credentials === undefined) throw noCredentials();
    for (const address of addresses) if (!(await context.answers(address))) throw nobodyAt(address);
    const description = addresses.length === 1 ? `the server at ${addresses[0]}` : `the servers at ${addresses.join(", ")}`;
    return remoteStage(description, openTransport(...addresses), credentials, context);
  }
  const address = credentials?.address;
  if (credentials !== undefined && address !== undefined && (await context.answers(address))) {
    return remoteStage(`the development server of this machine at ${address}`, openTransport(address), credentials, context);
  }
  return embeddedStage(context);
}

/** Each user begins at another server, and knows all of them. */
function spread(addresses: readonly string[], open: (addresses: readonly string[]) => Transport): () => Transport {
  let users = 0;
  return () => {
    const first = users % addresses.length;
    users += 1;
    return open([...addresses.slice(first), ...addresses.slice(0, first)]);
  };
}

function nobodyAt(address: string): CliError {
  return new CliError(`Nothing answers at ${address}. Check the address, or start a server there with \`aldis serve\`.`);
}

function remoteStage(
  description: string,
  openTransport: () => Transport,
  { appId, key }: Credentials,
  { runtime }: CliContext,
): OpenStage {
  return {
    description,
    appId,
    openTransport,
    issueToken: (userId) => issueToken({ appId, userId, key, runtime }),
    async close() {},
  };
}

/** A server that keeps its data while the story lasts. */
async function embeddedStage({ createServer, runtime }: CliContext): Promise<OpenStage> {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-demo-"));
  const tokenSecret = Buffer.from(runtime.randomBytes(32)).toString("base64url");
  const start = () => createServer({ runtime, config: { dataDir, store: "disk", tokenSecret } });
  let server = await start();
  return {
    description: "an embedded server in this process, since no development server runs here",
    appId: server.appId,
    openTransport: () => ({ open: (listener) => server.transport().open(listener) }),
    issueToken: (userId) => server.issueToken({ userId }),
    async restart() {
      await server.close();
      server = await start();
    },
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
