// Stored attributes as the protocol shows them.
import {
  type Attribute,
  type AttributeChange,
  AttributeChangeKind,
  type AttributeSet,
} from "../../../../gen/aldis/v1/attribute.js";
import type { StoredAttribute, StoredAttributes } from "../../engine/ports/attribute-store.js";

/** A write that has changed something. */
export interface Written {
  readonly kind: AttributeChangeKind;
  readonly before: StoredAttributes;
  readonly after: StoredAttributes;
  /** Who made it. Empty for the server. */
  readonly userId: string;
  readonly atMs: number;
}

/** The end of a set, as a write of the server's. The next write begins with revision 1 again. */
export function endOf(before: StoredAttributes, atMs: number): Written {
  const after = { attributes: new Map(), revision: before.revision + 1 };
  return { kind: AttributeChangeKind.CLEAR, before, after, userId: "", atMs };
}

/** The attributes with these keys that exist; all of them if no key is given. */
export function attributeSet({ attributes, revision }: StoredAttributes, keys: readonly string[] = []): AttributeSet {
  if (keys.length === 0) return { attributes: new Map(attributes), revision };
  const wanted = new Set(keys);
  return { attributes: new Map([...attributes].filter(([key]) => wanted.has(key))), revision };
}

/** What is told of a write. `wholeSet` asks for all attributes, whatever the write was. */
export function changeOf({ kind, before, after, userId, atMs }: Written, wholeSet: boolean): AttributeChange {
  const whole = wholeSet || kind === AttributeChangeKind.SET || kind === AttributeChangeKind.CLEAR;
  const tellsDeleted = kind === AttributeChangeKind.DELETE || kind === AttributeChangeKind.SET;
  return {
    kind,
    attributes: whole ? new Map(after.attributes) : changedIn(before.attributes, after.attributes),
    deletedKeys: tellsDeleted ? [...before.attributes.keys()].filter((key) => !after.attributes.has(key)) : [],
    revision: after.revision,
    userId,
    serverTimeMs: atMs,
    wholeSet: whole,
  };
}

/** A set as it is, for those who may have missed how it came about. */
export function presentAsChange(stored: StoredAttributes): AttributeChange {
  const atMs = Math.max(0, ...Array.from(stored.attributes.values(), ({ lastUpdateMs }) => lastUpdateMs));
  const before = { attributes: new Map(), revision: stored.revision };
  return changeOf({ kind: AttributeChangeKind.SET, before, after: stored, userId: "", atMs }, true);
}

/** The attributes that a write has given another value. */
function changedIn(
  before: ReadonlyMap<string, StoredAttribute>,
  after: ReadonlyMap<string, StoredAttribute>,
): Map<string, Attribute> {
  return new Map([...after].filter(([key, { value }]) => before.get(key)?.value !== value));
}
