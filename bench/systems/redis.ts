import { startInstalled } from "./installed-server.js";
import type { RunningServer } from "./system.js";

/** Starts Redis on a free port, with or without a file to which it appends its writes. */
export function startRedis(appendOnly: "yes" | "no"): Promise<RunningServer> {
  return startInstalled("redis-server", ({ port, dir }) => [
    ...["--bind", "127.0.0.1", "--port", String(port), "--dir", dir],
    ...["--save", "", "--appendonly", appendOnly, "--maxclients", "20000"],
  ]);
}
