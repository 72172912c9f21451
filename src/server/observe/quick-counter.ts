import type { Metric, Registry } from "prom-client";
import { LabelRows } from "./label-rows.js";

export interface QuickCounterOptions {
  readonly name: string;
  readonly help: string;
  /** The names of one or two labels, of which every value is bounded. */
  readonly labelNames: readonly string[];
  readonly register: Registry;
}

/** A counter for what happens with every call: to count is to add to a number. That of prom-client makes a text of its labels each time. */
export class QuickCounter {
  readonly name: string;
  private readonly help: string;
  private readonly rows: LabelRows<{ readonly labels: Readonly<Record<string, string>>; value: number }>;

  constructor({ name, help, labelNames, register }: QuickCounterOptions) {
    [this.name, this.help] = [name, help];
    this.rows = new LabelRows(labelNames, (labels) => ({ labels, value: 0 }));
    // What a registry wants of a metric is its name and `get`.
    register.registerMetric(this as unknown as Metric);
  }

  /** Counts one more. There is a value for each label, in their order. */
  inc(first: string, second?: string): void {
    this.rows.of(first, second).value += 1;
  }

  /** The figures as prom-client shows them. */
  async get() {
    const { name, help } = this;
    return { name, help, type: "counter", aggregator: "sum", values: this.rows.all };
  }
}
