import type { Metric, Registry } from "prom-client";

export interface QuickHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** The upper bounds, rising. There is one more bucket for all that is above them. */
  readonly buckets: readonly number[];
  readonly register: Registry;
}

/**
 * A histogram without labels for what happens with every write: to observe is to add to numbers. That of prom-client makes closures
 * and looks its labels up, which costs more than a delivery.
 */
export class QuickHistogram {
  readonly name: string;
  private readonly help: string;
  private readonly buckets: readonly number[];
  /** What was observed, by bucket. */
  private readonly counts: Float64Array;
  private sum = 0;

  constructor({ name, help, buckets, register }: QuickHistogramOptions) {
    [this.name, this.help, this.buckets] = [name, help, buckets];
    this.counts = new Float64Array(buckets.length + 1);
    // What a registry wants of a metric is its name and `get`.
    register.registerMetric(this as unknown as Metric);
  }

  observe(value: number): void {
    const { buckets, counts } = this;
    let bucket = 0;
    while (bucket < buckets.length && value > (buckets[bucket] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
  }

  /** The figures as prom-client shows them. */
  async get() {
    const { name, help, buckets, counts, sum } = this;
    let count = 0;
    const upTo = [...buckets, "+Inf"].map((le, bucket) => {
      count += counts[bucket] as number;
      return { metricName: `${name}_bucket`, labels: { le }, value: count };
    });
    const totals = [
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
    return { name, help, type: "histogram", aggregator: "sum", values: [...upTo, ...totals] };
  }
}
