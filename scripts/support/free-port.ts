import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below those that Linux (32,768 and above) and others (49,152 and above) give to outgoing connections and to port 0: whoever asks
 * for a port and binds it later finds it free, however many connections are made in between.
 */
const [lowest, highest] = [10_000, 32_767] as const;
const tries = 100;
const given = new Set<number>();

/** A port of the loopback address that nobody listens on just now, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let left = tries; left > 0; left -= 1) {
    const port = randomInt(lowest, highest + 1);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`found no free port between ${lowest} and ${highest} in ${tries} tries`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
