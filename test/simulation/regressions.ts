/** A seed that found a fault, and runs in every build since it was mended. */
export interface Regression {
  readonly seed: number;
  /** What it found. */
  readonly found: string;
  /** The day it was mended. */
  readonly since: string;
}

/** Seeds mean what they mean as long as the simulator stays as it is; after a change of it they are seeds like all others. */
export const regressions: readonly Regression[] = [
  {
    seed: 24,
    found: "an exclusive join that timed out left the client in channels that the server had taken it out of (no-silent-loss)",
    since: "2026-11-20",
  },
];
