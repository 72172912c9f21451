import type { AttributeSet } from "../../../gen/aldis/v1/attribute.js";
import type { Caller } from "../caller.js";
import type { SessionAttributes } from "./session-attributes.js";
import { type AttributeValues, type ReadOptions, toMap, type WriteOptions } from "./write-options.js";

/** The attributes of users: one's own to write, those of all to read and to watch. Every write resolves with the revision. */
export class UserAttributes {
  readonly #caller: Caller;
  readonly #own: SessionAttributes;

  constructor(caller: Caller, own: SessionAttributes) {
    this.#caller = caller;
    this.#own = own;
  }

  /** Replaces all own attributes. No value may be empty. */
  async set(values: AttributeValues, { expectedRevision, ...options }: WriteOptions = {}): Promise<number> {
    const attributes = toMap(values);
    const { revision } = await this.#caller.call("setUserAttributes", { attributes, expectedRevision }, options, () =>
      this.#own.replace(attributes),
    );
    return revision;
  }

  /** Adds own attributes, or gives those of the same keys new values. */
  async update(values: AttributeValues, { expectedRevision, ...options }: WriteOptions = {}): Promise<number> {
    const attributes = toMap(values);
    const { revision } = await this.#caller.call("updateUserAttributes", { attributes, expectedRevision }, options, () =>
      this.#own.update(attributes),
    );
    return revision;
  }

  /** Deletes own attributes. A key that is not set is no error. */
  async delete(keys: readonly string[], { expectedRevision, ...options }: WriteOptions = {}): Promise<number> {
    const request = { keys: [...keys], expectedRevision };
    const { revision } = await this.#caller.call("deleteUserAttributes", request, options, () => this.#own.delete(keys));
    return revision;
  }

  /** Deletes all own attributes. */
  async clear({ expectedRevision, ...options }: WriteOptions = {}): Promise<number> {
    const { revision } = await this.#caller.call("clearUserAttributes", { expectedRevision }, options, () =>
      this.#own.replace(new Map()),
    );
    return revision;
  }

  /** Reads the attributes of a user. Rejects with `USER_NOT_FOUND` for one that is offline and has none. */
  get(userId: string, options: ReadOptions = {}): Promise<AttributeSet> {
    return this.#read(userId, options, false);
  }

  /**
   * Reads the attributes of a user, who may be away and have none, and tells every later change as `userAttributesChanged`. A change whose revision is not the
   * next one says that others were missed: then read again. After a lost session the client watches again by itself.
   */
  watch(userId: string, options: ReadOptions = {}): Promise<AttributeSet> {
    return this.#read(userId, options, true);
  }

  async #read(userId: string, { keys = [], ...options }: ReadOptions, watch: boolean): Promise<AttributeSet> {
    const request = { userId, keys: [...keys], watch };
    const { attributes } = await this.#caller.call("getUserAttributes", request, options, () => {
      if (watch) this.#own.watched(userId);
    });
    return attributes ?? { attributes: new Map(), revision: 0 };
  }
}
