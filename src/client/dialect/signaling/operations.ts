import { AttributeNotice } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { AldisClient } from "../../client.js";
import { AldisError } from "../../error.js";
import type { CallOptions } from "../../options.js";
import { checkAccount, checkValue } from "./checks.js";

/** The most members of a list. */
export const LATEST_MEMBERS = 200;

/** The members of a channel. */
export interface MemberList {
  readonly members: readonly string[];
  /** The number of all members. */
  readonly memberCount: number;
}

/** What both the methods and `invoke` ask of the server. */
export class Operations {
  readonly #client: AldisClient;

  constructor(client: AldisClient) {
    this.#client = client;
  }

  /** 1 if a user is online, 0 if not. */
  async userStatus(account: string, options: CallOptions): Promise<number> {
    checkAccount(account);
    const [presence] = await this.#client.queryPresence([account], options);
    return dialectCode("SIGNALING_USER_STATUS", "PresenceState", presence?.state ?? PresenceState.OFFLINE);
  }

  async setOwnAttribute(name: string, value: string, options: CallOptions): Promise<void> {
    checkValue(value);
    await this.#client.attributes.update(new Map([[name, value]]), options);
  }

  /** The value of an attribute. Empty if it is not set. */
  async userAttribute(account: string, name: string, options: CallOptions): Promise<string> {
    return (await this.#read(account, { ...options, keys: [name] })).get(name) ?? "";
  }

  /** All attributes as a JSON object. */
  async userAttributes(account: string, options: CallOptions): Promise<string> {
    return JSON.stringify(Object.fromEntries(await this.#read(account, options)));
  }

  async memberCount(channelID: string, options: CallOptions): Promise<number> {
    const [count] = await this.#client.memberCounts([channelID], options);
    return count?.memberCount ?? 0;
  }

  /** 1 if a user is in a channel, 0 if not. */
  async isIn(channelID: string, account: string, options: CallOptions): Promise<number> {
    checkAccount(account);
    return (await this.#client.isMember(channelID, account, options)) ? 1 : 0;
  }

  /** The latest members of a channel, the newest first. */
  async members(channelID: string, max: number, options: CallOptions): Promise<MemberList> {
    return await this.#client.channel(channelID).members({ ...options, max });
  }

  async setChannelAttribute(channelID: string, name: string, value: string, options: CallOptions): Promise<void> {
    checkValue(value);
    await this.#client.channel(channelID).attributes.update(new Map([[name, value]]), { ...options, ...toldToAll });
  }

  async deleteChannelAttribute(channelID: string, name: string, options: CallOptions): Promise<void> {
    await this.#client.channel(channelID).attributes.delete([name], { ...options, ...toldToAll });
  }

  async clearChannelAttributes(channelID: string, options: CallOptions): Promise<void> {
    await this.#client.channel(channelID).attributes.clear({ ...options, ...toldToAll });
  }

  /** A user who never was there has no attributes. */
  async #read(
    account: string,
    options: CallOptions & { readonly keys?: readonly string[] },
  ): Promise<ReadonlyMap<string, string>> {
    if (account !== this.#client.userId) checkAccount(account);
    try {
      const { attributes } = await this.#client.attributes.get(account, options);
      return new Map([...attributes].map(([name, { value }]) => [name, value]));
    } catch (thrown) {
      if (thrown instanceof AldisError && thrown.code === ErrorCode.USER_NOT_FOUND) return new Map();
      throw thrown;
    }
  }
}

const toldToAll = { notice: AttributeNotice.CHANGE } as const;
