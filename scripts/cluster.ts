// `npm run cluster`: a Redis and some nodes on this machine, to try and to develop with. They end with Ctrl-C or SIGTERM.
import { Command, InvalidArgumentError } from "commander";
import { ensureRedis } from "./support/redis/program.js";
import { RedisServer } from "./support/redis/server.js";
import { ServerProcess } from "./support/server-process.js";

interface Options {
  readonly nodes: number;
  readonly dataDir?: string;
  readonly json: boolean;
}

const options = new Command("cluster")
  .description("Starts a Redis of its own and some nodes on it, all on this machine, for development.")
  .option("--nodes <number>", "how many nodes", parseNodes, 3)
  .option("--data-dir <directory>", "where clients of this machine find the nodes; by default where they look")
  .option("--json", "print one line of JSON", false)
  .parse()
  .opts<Options>();

function parseNodes(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 to 99.");
}

interface RunningNode {
  readonly node: string;
  readonly grpc: string;
  readonly http: string;
  readonly process: ServerProcess;
}

/** Whoever comes first makes the secret of development, and the others find it in the data directory. */
async function startNode(node: string, redis: RedisServer): Promise<RunningNode> {
  const ports = ["--grpc-port", "0", "--http-port", "0", "--log-level", "warn"];
  const place = options.dataDir === undefined ? [] : ["--data-dir", options.dataDir];
  const engine = ["--engine", "redis", "--redis", redis.url, "--node-id", node];
  const process = await ServerProcess.start({ flags: [...ports, ...place, ...engine, "--development"] });
  return { node, ...process.addresses, process };
}

function announce(redis: RedisServer, running: readonly RunningNode[]): void {
  const nodes = running.map(({ node, grpc, http }) => ({ node, grpc, http }));
  if (options.json) {
    console.log(JSON.stringify({ event: "listening", redis: redis.url, nodes }));
    return;
  }
  const rows = nodes.map(({ node, grpc, http }) => `  ${node.padEnd(8)}${grpc.padEnd(18)}http://${http}`);
  console.log(`Redis is at ${redis.url}, and the nodes are at:\n${rows.join("\n")}\n`);
  console.log("Try it in another terminal:");
  console.log(`  npm run demo -- --address ${nodes.map(({ grpc }) => grpc).join(",")}`);
  console.log("  npx aldis cluster status\n");
}

/** Resolves when the process is asked to end; asked again, it ends at once. */
function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(1));
      });
    }
  });
}

if (ensureRedis() === undefined) process.exit(1);
const asked = untilAsked();
const redis = await RedisServer.start({ appendFsync: "everysec" });
const running: RunningNode[] = [];
let ending = false;
try {
  for (let index = 1; index <= options.nodes; index += 1) running.push(await startNode(`node${index}`, redis));
  for (const { node, process } of running) process.onExit(() => ending || console.error(`${node} has ended`));
  announce(redis, running);
  await asked;
} finally {
  ending = true;
  await Promise.all(running.map(({ process }) => process.terminate()));
  await redis.stop();
}
