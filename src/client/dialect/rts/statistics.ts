/** What the host and this process use. Figures that the host does not tell are 0. */
export interface SysStats {
  /** The number of processor cores. */
  readonly cpuCores: number;
  /** The part of all processor time that this process takes, from 0 to 1. */
  readonly cpuAppUsage: number;
  /** The part of all processor time that is taken, from 0 to 1. */
  readonly cpuTotalUsage: number;
  /** The memory of this process in MB. */
  readonly memoryUsage: number;
  /** The memory of the host in MB. */
  readonly fullMemory: number;
  /** The memory of the host that is taken, in MB. */
  readonly totalMemoryUsage: number;
  /** The memory of the host that is free, in MB. */
  readonly freeMemory: number;
  /** The memory of this process, in percent of the host's. */
  readonly memoryRatio: number;
  /** The memory that is taken, in percent of the host's. */
  readonly totalMemoryRatio: number;
}

/** What a host counts. Times are in milliseconds since an arbitrary moment, over all cores together. */
export interface HostFigures {
  readonly cpuCores: number;
  /** The processor time of this process. */
  readonly appCpuMs: number;
  /** The processor time that was not idle. */
  readonly busyCpuMs: number;
  /** All processor time. */
  readonly allCpuMs: number;
  readonly appMemoryBytes: number;
  readonly fullMemoryBytes: number;
  readonly freeMemoryBytes: number;
}

const BYTES_PER_MB = 2 ** 20;

/** What was used between two counts. */
export function statisticsOf(before: HostFigures, after: HostFigures): SysStats {
  const { cpuCores, appMemoryBytes, fullMemoryBytes, freeMemoryBytes } = after;
  const allCpuMs = after.allCpuMs - before.allCpuMs;
  const usedBytes = fullMemoryBytes - freeMemoryBytes;
  return {
    cpuCores,
    cpuAppUsage: share(after.appCpuMs - before.appCpuMs, allCpuMs),
    cpuTotalUsage: share(after.busyCpuMs - before.busyCpuMs, allCpuMs),
    memoryUsage: appMemoryBytes / BYTES_PER_MB,
    fullMemory: Math.round(fullMemoryBytes / BYTES_PER_MB),
    totalMemoryUsage: Math.round(usedBytes / BYTES_PER_MB),
    freeMemory: Math.round(freeMemoryBytes / BYTES_PER_MB),
    memoryRatio: share(appMemoryBytes, fullMemoryBytes) * 100,
    totalMemoryRatio: share(usedBytes, fullMemoryBytes) * 100,
  };
}

/** A part of a whole, from 0 to 1. 0 if nobody knows. */
function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}
