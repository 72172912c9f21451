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

/** When somebody has to look whether a set is still needed. So a node that dies takes no end of a set with it. */
export interface AttributeTimer {
  /** In milliseconds since 1970. */
  readonly dueAtMs: number;
  /** True if nobody needed the set when the timer was set: if that is still so when it is due, the set ends. */
  readonly idle: boolean;
}

export interface StoredAttributes {
  readonly attributes: ReadonlyMap<string, StoredAttribute>;
  /** Rises by one with each change of the set. 0 if there never was an attribute. */
  readonly revision: number;
  /** Undefined for a set that is kept until it is changed. */
  readonly timer?: AttributeTimer | undefined;
}

export interface AttributeWrite {
  /** True to drop all present attributes first. A key that is removed and set is set. */
  readonly replaceAll: boolean;
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  readonly userId: string;
  readonly atMs: number;
  /** The revision that the writer expects. Undefined for any. */
  readonly expectedRevision?: number | undefined;
  /** The timer of the set from then on. Undefined for none. */
  readonly timer?: AttributeTimer | undefined;
}

export type AttributeOutcome =
  | { readonly kind: "written"; readonly before: StoredAttributes; readonly after: StoredAttributes }
  | { readonly kind: "conflict"; readonly revision: number }
  | { readonly kind: "too-large"; readonly limit: "attributesPerOwner" | "userAttributesBytes" | "channelAttributesBytes" };

/** Attributes of users and channels. A write is atomic for one owner, and durable when it resolves where the engine is. */
export interface AttributeStore {
  /**
   * Applies a write, or nothing of it. A key that is set to the value it has keeps its last update; a write that changes
   * nothing keeps the revision, and the timer unless only one of the two has one. Limits hold for the result, in UTF-8 bytes
   * of keys and values. Whoever gets a set must not change it.
   */
  write(owner: AttributeOwner, write: AttributeWrite): Promise<AttributeOutcome>;
  /** The attributes of an owner; an empty map and revision 0 if there never was one. */
  read(owner: AttributeOwner): Promise<StoredAttributes>;
  /**
   * Gives a set another timer if it has the expected one. False, and nothing changes, if it has another or none, or if there is
   * no set.
   */
  setTimer(owner: AttributeOwner, timer: AttributeTimer, expected: AttributeTimer | undefined): Promise<boolean>;
  /** Sets whose timer is due, the earliest first. Reading changes nothing: the winner is who sets another timer, or drops. */
  due(nowMs: number, limit: number): Promise<{ owner: AttributeOwner; timer: AttributeTimer }[]>;
  /** Forgets an owner and its revision if its set has the expected timer. False, and nothing changes, if not. */
  drop(owner: AttributeOwner, expected: AttributeTimer | undefined): Promise<boolean>;
}
