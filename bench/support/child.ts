// Processes that a benchmark starts. However it ends, they end with it.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** The clock ticks a second in which Linux counts the time of processes: fixed in its interface. */
const ticksPerSecond = 100;
const stopMs = 15_000;
const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Sees to it that a process ends when this one does. */
export function adopt(child: ChildProcess): void {
  running.add(child);
  child.on("exit", () => running.delete(child));
}

/** Asks a process to end, waits for it, and ends it by force if it takes too long. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await over;
  clearTimeout(timer);
}

/** The CPU time of a process so far in microseconds, all threads together, as the operating system counts it. */
export function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6;
}

/** The memory of a process that is in RAM, in bytes. */
export function rssBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}
