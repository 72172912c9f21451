import { performance } from "node:perf_hooks";

/** What to add to this process's own time to get the machine's monotonic time, which all processes share. */
const offsetMicros = (() => {
  const own = performance.now() * 1000;
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1000 - own;
})();

/** The time in microseconds on the one clock that all processes of the machine share. Whole numbers. */
export function nowMicros(): number {
  return Math.round(performance.now() * 1000 + offsetMicros);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
