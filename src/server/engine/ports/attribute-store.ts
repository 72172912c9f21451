import type { ChannelKey, UserKey } from "./keys.js";

/** Whose attributes. */
export type AttributeOwner =
  | { readonly kind: "user"; readonly key: UserKey }
  | { readonly kind: "channel"; readonly key: ChannelKey };

export interface StoredAttribute {
  readonly value: string;
  /** Who wrote it last. Empty if the server did. */
  readonly lastUpdateUser: string;
  /** When, in milliseconds since 1970. */
  readonly lastUpdateMs: number;
}

export interface StoredAttributes {
  readonly attributes: ReadonlyMap<string, StoredAttribute>;
  /** Rises by one with each change of the set. 0 if there never was an attribute. */
  readonly revision: number;
}

export interface AttributeWrite {
  /** True to drop all present attributes first. A key that is removed and set is set. */
  readonly replaceAll: boolean;
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  readonly userId: string;
  readonly atMs: number;
  /** The revision that the writer expects. Undefined for any. */
  readonly expectedRevision?: number;
}

export type AttributeOutcome =
  | { readonly kind: "written"; readonly before: StoredAttributes; readonly after: StoredAttributes }
  | { readonly kind: "conflict"; readonly revision: number }
  | { readonly kind: "too-large"; readonly limit: "attributesPerOwner" | "userAttributesBytes" | "channelAttributesBytes" };

/** Attributes of users and channels. A write is atomic for one owner, and durable when it resolves where the engine is. */
export interface AttributeStore {
  /**
   * Applies a write, or nothing of it. A key that is set to the value it has keeps its last update; a write that changes
   * nothing keeps the revision. Limits hold for the result, in UTF-8 bytes of keys and values. Whoever gets a set must not
   * change it.
   */
  write(owner: AttributeOwner, write: AttributeWrite): Promise<AttributeOutcome>;
  /** The attributes of an owner; an empty map and revision 0 if there never was one. */
  read(owner: AttributeOwner): Promise<StoredAttributes>;
  /** Forgets an owner and its revision. */
  drop(owner: AttributeOwner): Promise<void>;
}
