import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeTimer,
  AttributeWrite,
  StoredAttribute,
  StoredAttributes,
} from "../ports/attribute-store.js";

/** The set of an owner that never had an attribute. */
export const noAttributes: StoredAttributes = { attributes: new Map(), revision: 0 };

/** What a write makes of a set, which is not changed itself. */
export function changeAttributes(
  kind: AttributeOwner["kind"],
  before: StoredAttributes,
  write: AttributeWrite,
  limits: Limits,
): AttributeOutcome {
  if (write.expectedRevision !== undefined && write.expectedRevision !== before.revision) {
    return { kind: "conflict", revision: before.revision };
  }
  const attributes = apply(before.attributes, write);
  if (isSame(before.attributes, attributes)) return { kind: "written", before, after: withTimerOf(before, write) };
  const limit = limitExceeded(kind, attributes, limits);
  if (limit !== undefined) return { kind: "too-large", limit };
  return { kind: "written", before, after: { attributes, revision: before.revision + 1, timer: write.timer } };
}

/** True if two timers, or their absence, are the same. */
export function isSameTimer(one: AttributeTimer | undefined, other: AttributeTimer | undefined): boolean {
  return one?.dueAtMs === other?.dueAtMs && one?.idle === other?.idle;
}

/** A set that a write has not changed: it may be kept from now on, or no more. */
function withTimerOf(before: StoredAttributes, { timer }: AttributeWrite): StoredAttributes {
  const isLike = (before.timer === undefined) === (timer === undefined);
  return before.revision === 0 || isLike ? before : { ...before, timer };
}

function limitExceeded(kind: AttributeOwner["kind"], attributes: ReadonlyMap<string, StoredAttribute>, limits: Limits) {
  if (attributes.size > limits.attributesPerOwner) return "attributesPerOwner";
  const limit = kind === "user" ? "userAttributesBytes" : "channelAttributesBytes";
  return bytesOf(attributes) > limits[limit] ? limit : undefined;
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
