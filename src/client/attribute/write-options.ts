import type { AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import type { CallOptions } from "../options.js";

/** Attributes to write: values by key. A `Map` takes any key; an object has none called `__proto__`. */
export type AttributeValues = Readonly<Record<string, string>> | ReadonlyMap<string, string>;

/** How to write attributes. */
export interface WriteOptions extends CallOptions {
  /** The revision that the writer expects: another one fails with `REVISION_CONFLICT`. Default: any. */
  readonly expectedRevision?: number;
}

/** How to write attributes of a channel. */
export interface ChannelWriteOptions extends WriteOptions {
  /** What the members are told, the writer included. Default: nothing. */
  readonly notice?: AttributeNotice;
}

/** Which attributes to read. */
export interface ReadOptions extends CallOptions {
  /** The keys. Default: all. */
  readonly keys?: readonly string[];
}

/** Values as the protocol carries them. */
export function toMap(values: AttributeValues): Map<string, string> {
  return new Map(values instanceof Map ? values : Object.entries(values));
}
