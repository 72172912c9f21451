import type { Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { Sql } from "../sql.js";

/** A port whose calls return at once: what runs in the thread of the store, each call within a transaction. */
export type Synchronous<Port> = {
  [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer Result> ? (...args: Args) => Result : never;
};

/** What a table is made of. */
export interface TableParts {
  readonly sql: Sql;
  /** The time of the call that is running, in milliseconds since 1970. */
  readonly now: () => number;
  readonly limits: Limits;
  /** A text that was never given before. */
  readonly newId: () => string;
}

/** What every table can do besides its port. */
export interface Table {
  /** Reads every record, and throws `DamagedRecord` for one that is damaged. */
  verify(): void;
}
