import { type Config, type Flags, loadConfig } from "../../server/config.js";
import type { AldisServer, ServerOptions } from "../../server/index.js";
import { CliError } from "../cli-error.js";
import type { CliContext } from "../context.js";

export interface ServeOptions extends Flags {
  readonly json?: boolean;
}

/** `aldis serve`: runs until it is asked to stop; then clients may leave, and a second request ends it at once. */
export async function serveCommand({ json, ...flags }: ServeOptions, context: CliContext): Promise<number> {
  const load = () => loadConfig({ flags, env: context.env, readFile: context.readFile });
  const loaded = load();
  if (!loaded.ok) throw new CliError(loaded.problems.join("\n"), 2);
  const stops = countStops(context);
  const server = await start({ config: loaded.config, loadConfig: load }, context);
  context.output.write(json ? announcement(server, loaded.config) : welcome(server, loaded.config));
  context.onReload(() => server.reload());
  await stops.first;
  if (!json) context.errors.write("Draining: clients are asked to leave. Stop again to end at once.\n");
  const finished = server.drain().then(() => server.close());
  // Without its close the process would end in the middle of what the thread of the store does, and abort.
  return Promise.race([finished.then(() => 0), stops.second.then(() => server.close()).then(() => 1)]);
}

async function start(options: ServerOptions & { readonly config: Config }, context: CliContext): Promise<AldisServer> {
  try {
    return await context.createServer({ ...options, runtime: context.runtime });
  } catch (thrown) {
    throw startFailure(thrown, options.config);
  }
}

function startFailure(thrown: unknown, config: Config): unknown {
  if (!(thrown instanceof Error) || !thrown.message.includes("EADDRINUSE")) return thrown;
  const [kind, port, flag] = thrown.message.includes("HTTP")
    ? ["HTTP", config.httpPort, "--http-port"]
    : ["gRPC", config.grpcPort, "--grpc-port"];
  return new CliError(`The ${kind} port ${port} is in use. Choose another with ${flag}, or 0 for any free one.`);
}

function countStops(context: CliContext) {
  const waiting: (() => void)[] = [];
  const first = new Promise<void>((resolve) => waiting.push(resolve));
  const second = new Promise<void>((resolve) => waiting.push(resolve));
  context.onStop(() => waiting.shift()?.());
  return { first, second };
}

function announcement(server: AldisServer, { development }: Config): string {
  const { grpc, http } = server.addresses;
  return `${JSON.stringify({ event: "listening", grpc, http, development })}\n`;
}

function welcome(server: AldisServer, config: Config): string {
  const { grpc, http } = server.addresses;
  const mode = config.development
    ? `development: clients of this user on this machine find the server through ${config.dataDir}`
    : "production: clients need a token that is signed with a configured key";
  const open = config.allowNoToken ? "\n  Warning  users are let in without a token" : "";
  const next = config.development
    ? "\nTry it in another terminal:\n  npm run demo                       (or: npx aldis demo)\n  npx aldis login --user alice\n  npx aldis token --user alice       (a token for a client of your own)\n"
    : config.appsFile === undefined
      ? "\nMake a token with:\n  npx aldis token --user alice --secret-file FILE\n"
      : `\nApps and keys are read again when ${config.appsFile} or a key file changes.\n`;
  return `Aldis is listening.\n  gRPC  ${grpc}\n  HTTP  http://${http}  (health and metrics)\n  Mode  ${mode}${open}\n${next}`;
}
