import type { Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { changeAttributes, noAttributes } from "../../embedded/attribute-set.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeStore,
  AttributeWrite,
  StoredAttribute,
  StoredAttributes,
} from "../../ports/attribute-store.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { toColumn } from "../text-column.js";
import type { Synchronous, Table, TableParts } from "./table.js";

interface Row {
  readonly kind: string;
  readonly app: string;
  readonly id: string;
  readonly revision: number;
  /** The attributes as JSON: pairs of a key and what is stored for it. */
  readonly attributes: Uint8Array;
  readonly checksum: number;
}

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
    const row = this.#sql.get<Row>("SELECT * FROM attribute_sets WHERE kind = ? AND app = ? AND id = ?", ...keyOf(owner));
    return row === undefined ? noAttributes : setOf(row);
  }

  drop(owner: AttributeOwner): void {
    this.#sql.run("DELETE FROM attribute_sets WHERE kind = ? AND app = ? AND id = ?", ...keyOf(owner));
  }

  verify(): void {
    for (const row of this.#sql.each<Row>("SELECT * FROM attribute_sets")) setOf(row);
  }

  #save(owner: AttributeOwner, { attributes, revision }: StoredAttributes): void {
    const key = keyOf(owner);
    const bytes = Buffer.from(JSON.stringify([...attributes]));
    this.#sql.run(
      "INSERT OR REPLACE INTO attribute_sets (kind, app, id, revision, attributes, checksum) VALUES (?, ?, ?, ?, ?, ?)",
      ...key,
      revision,
      bytes,
      checksumOf(bytes, ...key, revision),
    );
  }
}

function setOf({ kind, app, id, revision, attributes, checksum }: Row): StoredAttributes {
  if (checksumOf(attributes, kind, app, id, revision) !== checksum) throw new DamagedRecord("set of attributes");
  const pairs: [string, StoredAttribute][] = JSON.parse(Buffer.from(attributes).toString());
  return { attributes: new Map(pairs), revision };
}

function keyOf({ kind, key }: AttributeOwner): [string, string, string] {
  return [kind, toColumn(key.appId), toColumn("userId" in key ? key.userId : key.channel)];
}
