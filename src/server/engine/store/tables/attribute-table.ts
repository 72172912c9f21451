import type { Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeStore,
  AttributeTimer,
  AttributeWrite,
  StoredAttribute,
  StoredAttributes,
} from "../../ports/attribute-store.js";
import { changeAttributes, noAttributes } from "../../shared/attribute-set.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { fromColumn, toColumn } from "../text-column.js";
import type { Synchronous, Table, TableParts } from "./table.js";

interface Row {
  readonly kind: string;
  readonly app: string;
  readonly id: string;
  readonly revision: number;
  /** The attributes as JSON: pairs of a key and what is stored for it. */
  readonly attributes: Uint8Array;
  readonly checksum: number;
  /** When the timer is due. Null for a set without one. */
  readonly due_at: number | null;
  readonly idle: number;
}

type DueRow = Pick<Row, "kind" | "app" | "id" | "idle"> & { readonly due_at: number };

const byKey = "kind = ? AND app = ? AND id = ?";

/** The attributes of all owners: one row for a set, since a set is what changes as a whole. */
export class AttributeTable implements Synchronous<AttributeStore>, Table {
  readonly #sql: Sql;
  readonly #limits: Limits;

  constructor({ sql, limits }: TableParts) {
    this.#sql = sql;
    this.#limits = limits;
  }

  write(owner: AttributeOwner, write: AttributeWrite): AttributeOutcome {
    const before = this.read(owner);
    const outcome = changeAttributes(owner.kind, before, write, this.#limits);
    if (outcome.kind === "written" && outcome.after !== before) this.#save(owner, outcome.after);
    return outcome;
  }

  read(owner: AttributeOwner): StoredAttributes {
    const row = this.#sql.get<Row>(`SELECT * FROM attribute_sets WHERE ${byKey}`, ...keyOf(owner));
    return row === undefined ? noAttributes : setOf(row);
  }

  setTimer(owner: AttributeOwner, timer: AttributeTimer, expected: AttributeTimer | undefined): boolean {
    const change = `UPDATE attribute_sets SET due_at = ?, idle = ? WHERE ${byKey} AND due_at IS ? AND idle = ?`;
    return this.#sql.run(change, ...columnsOf(timer), ...keyOf(owner), ...columnsOf(expected)) > 0;
  }

  due(nowMs: number, limit: number): { owner: AttributeOwner; timer: AttributeTimer }[] {
    const rows = this.#sql.all<DueRow>(
      "SELECT kind, app, id, due_at, idle FROM attribute_sets WHERE due_at <= ? ORDER BY due_at LIMIT ?",
      nowMs,
      limit,
    );
    return rows.map((row) => ({ owner: ownerOf(row), timer: { dueAtMs: row.due_at, idle: row.idle === 1 } }));
  }

  drop(owner: AttributeOwner, expected: AttributeTimer | undefined): boolean {
    const removal = `DELETE FROM attribute_sets WHERE ${byKey} AND due_at IS ? AND idle = ?`;
    return this.#sql.run(removal, ...keyOf(owner), ...columnsOf(expected)) > 0;
  }

  verify(): void {
    for (const row of this.#sql.each<Row>("SELECT * FROM attribute_sets")) setOf(row);
  }

  #save(owner: AttributeOwner, { attributes, revision, timer }: StoredAttributes): void {
    const key = keyOf(owner);
    const bytes = Buffer.from(JSON.stringify([...attributes]));
    this.#sql.run(
      `INSERT OR REPLACE INTO attribute_sets (kind, app, id, revision, attributes, checksum, due_at, idle)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...key,
      revision,
      bytes,
      checksumOf(bytes, ...key, revision),
      ...columnsOf(timer),
    );
  }
}

function setOf({ kind, app, id, revision, attributes, checksum, due_at, idle }: Row): StoredAttributes {
  if (checksumOf(attributes, kind, app, id, revision) !== checksum) throw new DamagedRecord("set of attributes");
  const pairs: [string, StoredAttribute][] = JSON.parse(Buffer.from(attributes).toString());
  const timer = due_at === null ? undefined : { dueAtMs: due_at, idle: idle === 1 };
  return { attributes: new Map(pairs), revision, timer };
}

function columnsOf(timer: AttributeTimer | undefined): [number | null, number] {
  return [timer?.dueAtMs ?? null, timer?.idle ? 1 : 0];
}

function ownerOf({ kind, app, id }: DueRow): AttributeOwner {
  const appId = fromColumn(app);
  if (kind === "user") return { kind, key: { appId, userId: fromColumn(id) } };
  return { kind: "channel", key: { appId, channel: fromColumn(id) } };
}

function keyOf({ kind, key }: AttributeOwner): [string, string, string] {
  return [kind, toColumn(key.appId), toColumn("userId" in key ? key.userId : key.channel)];
}
