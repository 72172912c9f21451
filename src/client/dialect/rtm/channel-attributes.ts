import { AttributeNotice, type AttributeSet } from "../../../../gen/aldis/v1/attribute.js";
import type { ChannelAttributes as NativeAttributes } from "../../attribute/channel-attributes.js";
import type { ChannelWriteOptions } from "../../attribute/write-options.js";
import type { RtmContext } from "./context.js";
import { checkChannelId } from "./identifiers.js";
import { toRecord } from "./record.js";
import { ATTRIBUTE_TIMEOUT_MS, type AttributesMap, checkAttributes, checkKeys } from "./user-attributes.js";

/** An attribute of a channel. */
export interface ChannelAttributeProperties {
  value: string;
  /** Who wrote it last. Empty if the server did. */
  lastUpdateUserId: string;
  /** When, in milliseconds since 1970. */
  lastUpdateTs: number;
}

/** Attributes of a channel by key. */
export interface ChannelAttributes {
  [key: string]: ChannelAttributeProperties;
}

/** How to write attributes of a channel. */
export interface ChannelAttributeOptions {
  /** True to tell all members by `AttributesUpdated`. Default: false. */
  enableNotificationToChannelMembers?: boolean;
}

/** The attributes of channels. Membership is not needed. */
export class RtmChannelAttributes {
  readonly #context: RtmContext;

  constructor(context: RtmContext) {
    this.#context = context;
  }

  set(channelId: string, values: AttributesMap, options?: ChannelAttributeOptions): Promise<void> {
    return this.#write(channelId, options, (native, how) => native.set(checkAttributes(values), how));
  }

  update(channelId: string, values: AttributesMap, options?: ChannelAttributeOptions): Promise<void> {
    return this.#write(channelId, options, (native, how) => native.update(checkAttributes(values), how));
  }

  delete(channelId: string, keys: string[], options?: ChannelAttributeOptions): Promise<void> {
    return this.#write(channelId, options, (native, how) => native.delete(checkKeys(keys), how));
  }

  clear(channelId: string, options?: ChannelAttributeOptions): Promise<void> {
    return this.#write(channelId, options, (native, how) => native.clear(how));
  }

  get(channelId: string, keys?: string[]): Promise<ChannelAttributes> {
    return this.#context.call("RTM_ATTRIBUTE", ATTRIBUTE_TIMEOUT_MS, async (client, options) => {
      checkChannelId(channelId);
      const wanted = keys === undefined ? [] : checkKeys(keys);
      return toChannelAttributes(await client.channel(channelId).attributes.get({ ...options, keys: wanted }));
    });
  }

  #write(
    channelId: string,
    { enableNotificationToChannelMembers = false }: ChannelAttributeOptions = {},
    work: (native: NativeAttributes, how: ChannelWriteOptions) => Promise<number>,
  ): Promise<void> {
    const notice = enableNotificationToChannelMembers ? AttributeNotice.WHOLE_SET : AttributeNotice.NONE;
    return this.#context.call("RTM_ATTRIBUTE", ATTRIBUTE_TIMEOUT_MS, async (client, options) => {
      checkChannelId(channelId);
      await work(client.channel(channelId).attributes, { ...options, notice });
    });
  }
}

/** What an application gets for a set of attributes. */
export function toChannelAttributes({ attributes }: Pick<AttributeSet, "attributes">): ChannelAttributes {
  return toRecord(
    [...attributes].map(([key, { value, lastUpdateUser, lastUpdateMs }]) => [
      key,
      { value, lastUpdateUserId: lastUpdateUser, lastUpdateTs: lastUpdateMs },
    ]),
  );
}
