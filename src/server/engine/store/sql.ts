import type { Connection, Statement } from "./sqlite.js";

/** What a column holds. */
export type Value = Uint8Array | string | number | null;

/** Statements of one connection, each prepared once. */
export class Sql {
  readonly #statements = new Map<string, Statement>();

  constructor(private readonly connection: Connection) {}

  /** Runs a statement, and gives the number of rows that it changed. */
  run(text: string, ...values: Value[]): number {
    return Number(this.#prepared(text).run(...values).changes);
  }

  /** The first row. Its type is a promise of the caller, who knows the columns. */
  get<Row>(text: string, ...values: Value[]): Row | undefined {
    return this.#prepared(text).get(...values) as Row | undefined;
  }

  /** All rows. Their type is a promise of the caller, who knows the columns. */
  all<Row>(text: string, ...values: Value[]): Row[] {
    return this.#prepared(text).all(...values) as Row[];
  }

  /** All rows, read one by one; nothing else may run on the connection meanwhile. */
  each<Row>(text: string, ...values: Value[]): Iterable<Row> {
    return this.connection.prepare(text).iterate(...values) as Iterable<Row>;
  }

  #prepared(text: string): Statement {
    const statement = this.#statements.get(text) ?? this.connection.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
