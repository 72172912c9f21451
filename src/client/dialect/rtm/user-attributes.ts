import type { AttributeSet } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { AldisClient } from "../../client.js";
import { failure } from "../../error.js";
import type { CallOptions } from "../../options.js";
import type { RtmContext } from "./context.js";
import { checkList, checkUserId } from "./identifiers.js";
import { byteLength } from "./messages.js";
import { toRecord } from "./record.js";

/** Attributes to write, or of a user: values by key. */
export interface AttributesMap {
  [key: string]: string;
}

/** The time in milliseconds for a call about attributes. */
export const ATTRIBUTE_TIMEOUT_MS = 5_000;

const MOST_KEY_BYTES = 32;

/** The attributes of users. The own ones end at the logout, or after 30 seconds offline. */
export class RtmUserAttributes {
  readonly #context: RtmContext;

  constructor(context: RtmContext) {
    this.#context = context;
  }

  set(attributes: AttributesMap): Promise<void> {
    return this.#call(async (client, options) => void (await client.attributes.set(checkAttributes(attributes), options)));
  }

  update(attributes: AttributesMap): Promise<void> {
    return this.#call(async (client, options) => void (await client.attributes.update(checkAttributes(attributes), options)));
  }

  delete(keys: string[]): Promise<void> {
    return this.#call(async (client, options) => void (await client.attributes.delete(checkKeys(keys), options)));
  }

  clear(): Promise<void> {
    return this.#call(async (client, options) => void (await client.attributes.clear(options)));
  }

  get(userId: string, keys?: string[]): Promise<AttributesMap> {
    return this.#call(async (client, options) => {
      checkUserId(userId);
      const wanted = keys === undefined ? [] : checkKeys(keys);
      return valuesOf(await client.attributes.get(userId, { ...options, keys: wanted }));
    });
  }

  #call<T>(work: (client: AldisClient, options: CallOptions) => Promise<T>): Promise<T> {
    return this.#context.call("RTM_ATTRIBUTE", ATTRIBUTE_TIMEOUT_MS, work);
  }
}

/** Throws `INVALID_ARGUMENT` unless a value maps keys to strings, and `ATTRIBUTES_TOO_LARGE` for a key that is too long. */
export function checkAttributes(attributes: unknown): ReadonlyMap<string, string> {
  if (typeof attributes !== "object" || attributes === null) {
    throw failure(ErrorCode.INVALID_ARGUMENT, "Attributes are an object of strings.");
  }
  const entries = Object.entries(attributes);
  for (const [key, value] of entries) {
    checkKey(key);
    if (typeof value !== "string") throw failure(ErrorCode.INVALID_ARGUMENT, `The attribute "${key}" is not a string.`);
  }
  return new Map(entries);
}

/** Throws `INVALID_ARGUMENT` unless a value is a list of at least one key, and `ATTRIBUTES_TOO_LARGE` for one that is too long. */
export function checkKeys(keys: unknown): readonly string[] {
  checkList(keys);
  if (keys.length === 0) throw failure(ErrorCode.INVALID_ARGUMENT, "At least one key is needed.");
  for (const key of keys) checkKey(key);
  return keys as readonly string[];
}

function checkKey(key: unknown): void {
  if (typeof key !== "string" || key === "") throw failure(ErrorCode.INVALID_ARGUMENT, "A key is a string, and not empty.");
  if (byteLength(key) > MOST_KEY_BYTES) {
    throw failure(ErrorCode.ATTRIBUTES_TOO_LARGE, `The key "${key}" has more than ${MOST_KEY_BYTES} bytes.`);
  }
}

function valuesOf({ attributes }: AttributeSet): AttributesMap {
  return toRecord([...attributes].map(([key, { value }]) => [key, value]));
}
