import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { fetchText } from "../../server/auth/fetch-text.js";
import type { FetchText } from "../../server/auth/remote-key-set.js";

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
