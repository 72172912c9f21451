/** The version of the package. */
const VERSION = "0.1.0";

/** A version a.b.c.d as the old system's number: 10^9 + a·10^7 + b·10^5 + c·10^3 + d. */
export function versionNumber(version = VERSION): number {
  const [a = 0, b = 0, c = 0, d = 0] = version.split(".").map(Number);
  return 1_000_000_000 + a * 10_000_000 + b * 100_000 + c * 1_000 + d;
}
