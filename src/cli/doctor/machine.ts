import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { join } from "node:path";
import { fetchText } from "../../server/auth/fetch-text.js";
import type { FetchText } from "../../server/auth/remote-key-set.js";
import type { Clock } from "../../server/runtime.js";

/** What the doctor asks of the machine, besides what every command asks. */
export interface Machine {
  /** The version of Node, such as "22.23.2". */
  readonly nodeVersion: string;
  /** How many files and connections a process may have open. Undefined where that is not known. */
  openFiles(): number | undefined;
  /** The memory that a process may have, in bytes. */
  memoryBytes(): number;
  /**
   * Who may do what with a file, as the bits of chmod, and when it was written, in milliseconds since 1970. Undefined for no file, and
   * for one that may not be looked at.
   */
  file(path: string): { readonly permissions: number; readonly modifiedAtMs: number } | undefined;
  /**
   * How long it took, each time, until a page was on the disk of a directory, in milliseconds. For that a directory of its own is there for
   * a moment. Undefined where nothing can be written.
   */
  syncTimes(directory: string, clock: Clock): readonly number[] | undefined;
  /** Listens for a moment. Gives the code of the failure if that cannot be, such as "EADDRINUSE". Never rejects. */
  tryPort(host: string, port: number): Promise<string | undefined>;
  /** What a server that runs says at "host:port": "ok", or why it takes no clients. Undefined if none answers. Never rejects. */
  readiness(address: string): Promise<string | undefined>;
  /** Gets the key set of a provider as a server does. Rejects if it cannot be had. */
  readonly fetchText: FetchText;
}

export const systemMachine: Machine = {
  nodeVersion: process.versions.node,
  openFiles,
  memoryBytes: () => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  file(path) {
    try {
      const { mode, mtimeMs } = statSync(path);
      return { permissions: mode & 0o777, modifiedAtMs: mtimeMs };
    } catch {
      return undefined;
    }
  },
  syncTimes,
  tryPort(host, port) {
    const server = createServer();
    return new Promise((resolve) => {
      server.once("error", (failure: NodeJS.ErrnoException) => resolve(failure.code ?? failure.message));
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
  },
  readiness,
  fetchText,
};

const patienceMs = 2000;

async function readiness(address: string): Promise<string | undefined> {
  try {
    const response = await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(patienceMs) });
    return [200, 503].includes(response.status) ? (await response.text()).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** The hard limit, since Node raises its own to that at its start. */
function openFiles(): number | undefined {
  try {
    const [, limit] = /^Max open files +\S+ +(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    if (limit === undefined) return undefined;
    return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return undefined;
  }
}

const [syncs, pageBytes] = [30, 4096];

function syncTimes(directory: string, clock: Clock): number[] | undefined {
  let own: string | undefined;
  try {
    own = mkdtempSync(join(directory, ".doctor-"));
    const file = openSync(join(own, "page"), "w");
    const times = Array.from({ length: syncs }, (_, i) => {
      const startMs = clock.monotonic();
      writeSync(file, Buffer.alloc(pageBytes, i), 0, pageBytes, 0);
      fsyncSync(file);
      return clock.monotonic() - startMs;
    });
    closeSync(file);
    return times;
  } catch {
    return undefined;
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  }
}
