/** The value below which a share of the values lies. The values need not be sorted; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** A number with as many digits as mean something in a figure. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
