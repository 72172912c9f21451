const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * The time in milliseconds to wait before the next try: full jitter, so that many clients do not come back together.
 * @param failures The number of tries that failed. 0 for no wait of its own.
 * @param minimumMs The shortest wait, which the jitter comes on top of.
 * @param random A number from 0, inclusive, to 1, exclusive.
 */
export function backOffMs(failures: number, minimumMs: number, random: number): number {
  if (failures === 0) return minimumMs;
  return minimumMs + random * Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));
}
