/** A seed that found a fault, and runs in every build since it was mended. */
export interface Regression {
  readonly seed: number;
  /** What it found. */
  readonly found: string;
  /** The day it was mended. */
  readonly since: string;
}

/** A seed means what it meant as long as the simulator stays as it is; after a change of it, it is a seed like all others. */
export const regressions: readonly Regression[] = [
  {
    seed: 24,
    found: "an exclusive join that timed out left the client in channels that the server had taken it out of (no-silent-loss)",
    since: "2026-11-20",
  },
  {
    seed: 1208,
    found: "a retry held up all later messages to its receiver until the first try was acknowledged (peer-order)",
    since: "2026-11-20",
  },
  {
    seed: 1928,
    found: "a caller whose cancel timed out never heard that its invitation had ended (one-outcome)",
    since: "2026-11-20",
  },
];
