import { createRequire } from "node:module";
import { cpus, freemem, networkInterfaces, totalmem } from "node:os";
import { NetworkType } from "./enums/states.js";
import type { HostFigures } from "./statistics.js";

/** The machine that an engine runs on. */
export interface Host {
  figures(): HostFigures;
  networkType(): NetworkType;
}

/** The machine, as Node tells it. */
export const nodeHost: Host = {
  figures() {
    const times = cpus().map((core) => core.times);
    const allCpuMs = sum(times.flatMap(({ user, nice, sys, idle, irq }) => [user, nice, sys, idle, irq]));
    const { user, system } = process.cpuUsage();
    return {
      cpuCores: times.length,
      appCpuMs: (user + system) / 1_000,
      busyCpuMs: allCpuMs - sum(times.map(({ idle }) => idle)),
      allCpuMs,
      appMemoryBytes: process.memoryUsage.rss(),
      fullMemoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
    };
  },
  networkType() {
    const addresses = Object.values(networkInterfaces()).flat();
    return addresses.some((address) => address?.internal === false) ? NetworkType.Unknown : NetworkType.Disconnected;
  },
};

/** The version of this package. */
export const sdkVersion: string = (createRequire(import.meta.url)("aldis/package.json") as { version: string }).version;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
