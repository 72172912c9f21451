import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** What counts as Redis, the first one first. */
const names = ["redis-server", "valkey-server"];

/** The path of the installed Redis or Valkey. Undefined if there is none. */
export function findRedis(): string | undefined {
  const places = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  const paths = names.flatMap((name) => places.map((place) => join(place, name)));
  return paths.find(isExecutable);
}

/**
 * The path of Redis, which is installed from the packages of the system if it is missing and this process may do that. Undefined if
 * there is none afterwards: then standard error says what to do.
 */
export function ensureRedis(): string | undefined {
  const found = findRedis();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && isExecutable("/usr/bin/apt-get")) {
    console.error("installing redis-server ...");
    aptGet("update");
    aptGet("install", "--yes", "--no-install-recommends", "redis-server");
  }
  const installed = findRedis();
  if (installed === undefined) console.error("There is no Redis. Install it: apt-get install redis-server");
  return installed;
}

/** Whether it worked is seen by what is there afterwards. In run level 1 no package starts a service. */
function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  spawnSync("/usr/bin/apt-get", ["-qq", ...args], { env, stdio: ["ignore", 2, 2], timeout: 300_000 });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
