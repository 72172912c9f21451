import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../../scripts/support/free-port.js";
import { sleep } from "../load/clock.js";
import { adopt, stop } from "../support/child.js";
import { temporaryDirectory } from "../support/temporary-directory.js";
import type { RunningServer } from "./system.js";

const host = "127.0.0.1";
const startMs = 10_000;

/** The version in what a program says of itself; undefined if it is not installed. */
export function installedVersion(program: string, flag: string): string | undefined {
  const { stdout, stderr, error } = spawnSync(program, [flag], { encoding: "utf8", timeout: startMs });
  return error === undefined ? /\d+\.\d+[.\d]*/.exec(stdout + stderr)?.[0] : undefined;
}

/** Starts an installed server on a free port, with a directory of its own and a configuration file in it, which may be empty. */
export async function startInstalled(
  program: string,
  args: (place: { readonly port: number; readonly dir: string; readonly config: string }) => readonly string[],
  config: (port: number) => string = () => "",
): Promise<RunningServer> {
  const dir = temporaryDirectory();
  const port = await freePort();
  const file = join(dir, "bench.conf");
  await writeFile(file, config(port));
  const child = spawn(program, args({ port, dir, config: file }), { stdio: "ignore", cwd: dir });
  adopt(child);
  await untilListening(port);
  return {
    pid: child.pid ?? 0,
    address: { address: host, port },
    secret: "",
    stop: () => stop(child),
  };
}

async function untilListening(port: number): Promise<void> {
  for (const until = Date.now() + startMs; Date.now() < until; await sleep(20)) {
    const socket = connect({ host, port });
    const connected = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
  }
  throw new Error(`nothing listens on port ${port}`);
}
