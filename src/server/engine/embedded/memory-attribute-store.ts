import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeStore,
  AttributeWrite,
  StoredAttribute,
  StoredAttributes,
} from "../ports/attribute-store.js";
import { keyText } from "../ports/keys.js";

const nothing: StoredAttributes = { attributes: new Map(), revision: 0 };

/** An attribute store in memory. A stored set is never changed but replaced, so what was read stays what it was. */
export class MemoryAttributeStore implements AttributeStore {
  readonly #limits: Limits;
  readonly #owners = new Map<string, StoredAttributes>();

  constructor({ limits }: { limits: Limits }) {
    this.#limits = limits;
  }

  async write(owner: AttributeOwner, write: AttributeWrite): Promise<AttributeOutcome> {
    const key = ownerText(owner);
    const before = this.#owners.get(key) ?? nothing;
    if (write.expectedRevision !== undefined && write.expectedRevision !== before.revision) {
      return { kind: "conflict", revision: before.revision };
    }
    const attributes = apply(before.attributes, write);
    if (isSame(before.attributes, attributes)) return { kind: "written", before, after: before };
    const limit = this.#limitExceeded(owner, attributes);
    if (limit !== undefined) return { kind: "too-large", limit };
    const after = { attributes, revision: before.revision + 1 };
    this.#owners.set(key, after);
    return { kind: "written", before, after };
  }

  async read(owner: AttributeOwner): Promise<StoredAttributes> {
    return this.#owners.get(ownerText(owner)) ?? nothing;
  }

  async drop(owner: AttributeOwner): Promise<void> {
    this.#owners.delete(ownerText(owner));
  }

  #limitExceeded({ kind }: AttributeOwner, attributes: ReadonlyMap<string, StoredAttribute>) {
    if (attributes.size > this.#limits.attributesPerOwner) return "attributesPerOwner";
    const limit = kind === "user" ? "userAttributesBytes" : "channelAttributesBytes";
    return bytesOf(attributes) > this.#limits[limit] ? limit : undefined;
  }
}

function apply(before: ReadonlyMap<string, StoredAttribute>, write: AttributeWrite): Map<string, StoredAttribute> {
  const after = new Map(write.replaceAll ? [] : before);
  for (const key of write.remove) after.delete(key);
  for (const [key, value] of write.set) {
    const present = before.get(key);
    const isKept = present?.value === value;
    after.set(key, isKept ? present : { value, lastUpdateUser: write.userId, lastUpdateMs: write.atMs });
  }
  return after;
}

function isSame(before: ReadonlyMap<string, StoredAttribute>, after: ReadonlyMap<string, StoredAttribute>): boolean {
  return before.size === after.size && [...after].every(([key, attribute]) => before.get(key) === attribute);
}

function bytesOf(attributes: ReadonlyMap<string, StoredAttribute>): number {
  let bytes = 0;
  for (const [key, { value }] of attributes) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}

function ownerText(owner: AttributeOwner): string {
  return owner.kind === "user"
    ? `user/${keyText(owner.key.appId, owner.key.userId)}`
    : `channel/${keyText(owner.key.appId, owner.key.channel)}`;
}
