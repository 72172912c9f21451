import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { randomId, systemRuntime } from "../../src/server/runtime.js";
import { adopt, stop } from "../support/child.js";
import { temporaryDirectory } from "../support/temporary-directory.js";
import type { RunningServer, StartOptions, System } from "./system.js";

const program = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));

/** Limits that would stop a load which a benchmark makes on purpose: rates, and channels of one sender. */
const limits = {
  presenceQueries: 1e9,
  channelSends: 1e9,
  oneChannelSends: 1e9,
  peerSends: 1e9,
  joins: 1e9,
  channelsPerSession: 1000,
  callsInFlight: 4096,
  frames: 1e9,
  drainMs: 0,
};

/** Aldis as it is shipped: what is confirmed is on disk. */
export const aldis: System = {
  name: "aldis",
  about: "Aldis over gRPC, with channel logs on disk",
  wire: "aldis",
  version,
  start: (options) => startAldis(options, "disk"),
};

/** Aldis without a disk, which is what all other systems do. */
export const aldisInMemory: System = {
  name: "aldis-memory",
  about: "Aldis over gRPC, with channel logs in memory",
  wire: "aldis",
  version,
  start: (options) => startAldis(options, "memory"),
};

/** The version of Aldis. */
export function version(): string {
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

async function startAldis(options: StartOptions, store: "disk" | "memory"): Promise<RunningServer> {
  return startNode(randomId(systemRuntime, 256), ["--store", store], options);
}

/** Starts the built server on free ports, with some settings of its own. */
export async function startNode(
  secret: string,
  settings: readonly string[],
  { profileDir }: StartOptions,
): Promise<RunningServer> {
  const dataDir = temporaryDirectory();
  const profile = profileDir === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profileDir];
  const ports = ["--grpc-port", "0", "--http-port", "0"];
  const places = ["--data-dir", dataDir, ...settings, "--log-level", "error", "--json"];
  const flags = Object.entries(limits).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
  const child = spawn(process.execPath, [...profile, program, "serve", ...ports, ...places, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ALDIS_TOKEN_SECRET: secret },
  });
  adopt(child);
  const { grpc } = JSON.parse(await firstLine(child)) as { grpc: string };
  const colon = grpc.lastIndexOf(":");
  return {
    pid: child.pid ?? 0,
    address: { address: grpc.slice(0, colon), port: Number(grpc.slice(colon + 1)) },
    secret,
    stop: () => stop(child),
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the server has no output");
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(() => [undefined]);
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string | undefined];
  if (line === undefined) throw new Error("the server did not start; run `npm run build` first");
  return line;
}
