import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { adopt, stop } from "../support/child.js";
import type { RunningServer } from "./system.js";

/** Starts one of the servers in `servers/`, which tells its port when it listens. */
export async function startScript(name: string, ...args: readonly string[]): Promise<RunningServer> {
  const child = fork(fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url)), args, { execArgv: ["--import", "tsx"] });
  adopt(child);
  const ended = once(child, "exit").then(() => [undefined]);
  const [message] = (await Promise.race([once(child, "message"), ended])) as [{ port: number } | undefined];
  if (message === undefined) throw new Error(`the server ${name} did not start`);
  return {
    pid: child.pid ?? 0,
    address: { address: "127.0.0.1", port: message.port },
    secret: "",
    stop: () => stop(child),
  };
}
