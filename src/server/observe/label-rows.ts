/** What is counted for each combination of at most two labels, found by their values one after the other: no key is made of them. */
export class LabelRows<Row> {
  private readonly rows = new Map<string, Map<string, Row>>();
  /** In the order in which they came. */
  readonly all: Row[] = [];

  /** `make` begins the row of labels that have not come before. */
  constructor(
    private readonly names: readonly string[],
    private readonly make: (labels: Readonly<Record<string, string>>) => Row,
  ) {}

  /** The row of the values of the labels, in the order of their names. Empty for a label that there is not. */
  of(first = "", second = ""): Row {
    return this.rows.get(first)?.get(second) ?? this.begin(first, second);
  }

  private begin(...values: readonly [string, string]): Row {
    const [first, second] = values;
    const row = this.make(Object.fromEntries(this.names.map((name, i) => [name, values[i] ?? ""])));
    const ofFirst = this.rows.get(first) ?? new Map<string, Row>();
    this.rows.set(first, ofFirst.set(second, row));
    this.all.push(row);
    return row;
  }
}
