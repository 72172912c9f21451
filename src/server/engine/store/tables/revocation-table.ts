import type { UserKey } from "../../ports/keys.js";
import type { RevocationList } from "../../ports/revocation-list.js";
import type { Sql } from "../sql.js";
import { toColumn } from "../text-column.js";
import type { Synchronous, TableParts } from "./table.js";

/** The revocations of all users. */
export class RevocationTable implements Synchronous<RevocationList> {
  readonly #sql: Sql;

  constructor({ sql }: TableParts) {
    this.#sql = sql;
  }

  revoke({ appId, userId }: UserKey, issuedBeforeMs: number): void {
    this.#sql.run(
      `INSERT INTO revocations (app, user, issued_before) VALUES (?, ?, ?)
        ON CONFLICT (app, user) DO UPDATE SET issued_before = max(issued_before, excluded.issued_before)`,
      toColumn(appId),
      toColumn(userId),
      issuedBeforeMs,
    );
  }

  find({ appId, userId }: UserKey): number {
    const row = this.#sql.get<{ issued_before: number }>(
      "SELECT issued_before FROM revocations WHERE app = ? AND user = ?",
      toColumn(appId),
      toColumn(userId),
    );
    return row?.issued_before ?? 0;
  }
}
