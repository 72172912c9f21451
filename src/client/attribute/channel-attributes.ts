import type { AttributeSet } from "../../../gen/aldis/v1/attribute.js";
import type { Caller } from "../caller.js";
import { type AttributeValues, type ChannelWriteOptions, type ReadOptions, toMap } from "./write-options.js";

/** The attributes of a channel. Membership is not needed. Every write resolves with the revision. */
export class ChannelAttributes {
  readonly #channel: string;
  readonly #caller: Caller;

  constructor(channel: string, caller: Caller) {
    this.#channel = channel;
    this.#caller = caller;
  }

  /** Replaces all attributes. No value may be empty. */
  async set(values: AttributeValues, { expectedRevision, notice, ...options }: ChannelWriteOptions = {}): Promise<number> {
    const request = { channel: this.#channel, attributes: toMap(values), expectedRevision, notice };
    return (await this.#caller.call("setChannelAttributes", request, options)).revision;
  }

  /** Adds attributes, or gives those of the same keys new values. */
  async update(values: AttributeValues, { expectedRevision, notice, ...options }: ChannelWriteOptions = {}): Promise<number> {
    const request = { channel: this.#channel, attributes: toMap(values), expectedRevision, notice };
    return (await this.#caller.call("updateChannelAttributes", request, options)).revision;
  }

  /** Deletes attributes. A key that is not set is no error. */
  async delete(keys: readonly string[], { expectedRevision, notice, ...options }: ChannelWriteOptions = {}): Promise<number> {
    const request = { channel: this.#channel, keys: [...keys], expectedRevision, notice };
    return (await this.#caller.call("deleteChannelAttributes", request, options)).revision;
  }

  /** Deletes all attributes. Built-in ones go back to their defaults. */
  async clear({ expectedRevision, notice, ...options }: ChannelWriteOptions = {}): Promise<number> {
    const request = { channel: this.#channel, expectedRevision, notice };
    return (await this.#caller.call("clearChannelAttributes", request, options)).revision;
  }

  /** Reads attributes, with who wrote each and when. */
  async get({ keys = [], ...options }: ReadOptions = {}): Promise<AttributeSet> {
    const request = { channel: this.#channel, keys: [...keys] };
    const { attributes } = await this.#caller.call("getChannelAttributes", request, options);
    return attributes ?? { attributes: new Map(), revision: 0 };
  }
}
