const exactBelow = 64;
const stepsPerDoubling = 32;
const doublings = 26;

/** Counts of times in microseconds, exact below 64 and to 3 % above. It can be sent between processes as its `counts`. */
export class Histogram {
  readonly counts: Float64Array;

  constructor(counts: Iterable<number> = []) {
    this.counts = new Float64Array(exactBelow + doublings * stepsPerDoubling);
    this.counts.set([...counts]);
  }

  record(micros: number): void {
    const index = bucketOf(Math.max(0, Math.min(micros, 2 ** 31)));
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  add(other: Histogram): void {
    for (const [index, count] of other.counts.entries()) this.counts[index] = (this.counts[index] ?? 0) + count;
  }

  /** The time in microseconds below which a share of the times lies. NaN for none. */
  percentile(share: number): number {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (const [index, count] of this.counts.entries()) {
      seen += count;
      if (count > 0 && seen >= total * share) return middleOf(index);
    }
    return Number.NaN;
  }
}

function bucketOf(micros: number): number {
  if (micros < exactBelow) return Math.floor(micros);
  const exponent = 31 - Math.clz32(micros);
  const step = (micros >>> (exponent - 5)) - stepsPerDoubling;
  return Math.min(exactBelow + (exponent - 6) * stepsPerDoubling + step, exactBelow + doublings * stepsPerDoubling - 1);
}

function middleOf(index: number): number {
  if (index < exactBelow) return index;
  const exponent = Math.floor((index - exactBelow) / stepsPerDoubling) + 6;
  const step = (index - exactBelow) % stepsPerDoubling;
  return (stepsPerDoubling + step + 0.5) * 2 ** (exponent - 5);
}
