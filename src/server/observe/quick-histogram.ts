import type { Metric, Registry } from "prom-client";
import { LabelRows } from "./label-rows.js";

export interface QuickHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** The upper bounds, rising. There is one more bucket for all that is above them. */
  readonly buckets: readonly number[];
  /** The names of at most two labels, of which every value is bounded. Default: none. */
  readonly labelNames?: readonly string[];
  readonly register: Registry;
}

/** What was observed with the same labels. */
interface Row {
  readonly labels: Readonly<Record<string, string>>;
  /** By bucket. */
  readonly counts: Float64Array;
  sum: number;
}

/**
 * A histogram for what happens with every write or call: to observe is to add to numbers. That of prom-client makes closures and looks its
 * labels up three times, which costs more than a delivery.
 */
export class QuickHistogram {
  readonly name: string;
  private readonly help: string;
  private readonly buckets: readonly number[];
  private readonly rows: LabelRows<Row>;

  constructor({ name, help, buckets, labelNames = [], register }: QuickHistogramOptions) {
    [this.name, this.help, this.buckets] = [name, help, buckets];
    this.rows = new LabelRows(labelNames, (labels) => ({ labels, counts: new Float64Array(buckets.length + 1), sum: 0 }));
    // Without labels there is one row, which is shown from the start.
    if (labelNames.length === 0) this.rows.of();
    // What a registry wants of a metric is its name and `get`.
    register.registerMetric(this as unknown as Metric);
  }

  /** Takes a value. There is one for each label, in their order. */
  observe(value: number, first?: string, second?: string): void {
    const { buckets } = this;
    const row = this.rows.of(first, second);
    let bucket = 0;
    while (bucket < buckets.length && value > (buckets[bucket] as number)) bucket += 1;
    row.counts[bucket] = (row.counts[bucket] as number) + 1;
    row.sum += value;
  }

  /** The figures as prom-client shows them. */
  async get() {
    const { name, help } = this;
    const values = this.rows.all.flatMap((row) => this.figuresOf(row));
    return { name, help, type: "histogram", aggregator: "sum", values };
  }

  private figuresOf({ labels, counts, sum }: Row) {
    const { name, buckets } = this;
    let count = 0;
    const upTo = [...buckets, "+Inf"].map((le, bucket) => {
      count += counts[bucket] as number;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [...upTo, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
  }
}
