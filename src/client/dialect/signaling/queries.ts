import { messageOf } from "../../error.js";
import type { CallOptions } from "../../options.js";
import { codeOf } from "../shared/codes.js";
import type { Told } from "./callbacks.js";
import type { Operations } from "./operations.js";
import type { Teller } from "./teller.js";

/** Questions about users and channels, and changes of attributes. */
export class Queries {
  constructor(
    private readonly account: string,
    private readonly operations: Operations,
    private readonly teller: Teller,
  ) {}

  userStatus(account: string): void {
    this.#ask(
      "queryUserStatus",
      (options) => this.operations.userStatus(account, options),
      (status) => [["onQueryUserStatusResult", account, `${status}`]],
    );
  }

  setOwnAttribute(name: string, value: string): void {
    this.#ask(
      "setAttr",
      (options) => this.operations.setOwnAttribute(name, value, options),
      () => [],
    );
  }

  ownAttribute(name: string): void {
    this.#userAttribute("getAttr", this.account, name);
  }

  ownAttributes(): void {
    this.#userAttributes("getAttrAll", this.account);
  }

  userAttribute(account: string, name: string): void {
    this.#userAttribute("getUserAttr", account, name);
  }

  userAttributes(account: string): void {
    this.#userAttributes("getUserAttrAll", account);
  }

  memberCount(channelID: string): void {
    void this.teller.follow((options) => this.operations.memberCount(channelID, options), {
      done: (num) => [["onChannelQueryUserNumResult", channelID, 0, num]],
      failed: (thrown) => [["onChannelQueryUserNumResult", channelID, codeOf("SIGNALING_QUERY_USER_NUM", thrown), 0]],
    });
  }

  isIn(channelID: string, account: string): void {
    this.#ask(
      "channelQueryUserIsIn",
      (options) => this.operations.isIn(channelID, account, options),
      (isIn) => [["onChannelQueryUserIsIn", channelID, account, isIn]],
    );
  }

  setChannelAttribute(channelID: string, name: string, value: string): void {
    this.#ask(
      "channelSetAttr",
      (options) => this.operations.setChannelAttribute(channelID, name, value, options),
      () => [],
    );
  }

  deleteChannelAttribute(channelID: string, name: string): void {
    this.#ask(
      "channelDelAttr",
      (options) => this.operations.deleteChannelAttribute(channelID, name, options),
      () => [],
    );
  }

  clearChannelAttributes(channelID: string): void {
    this.#ask(
      "channelClearAttr",
      (options) => this.operations.clearChannelAttributes(channelID, options),
      () => [],
    );
  }

  #userAttribute(method: string, account: string, name: string): void {
    this.#ask(
      method,
      (options) => this.operations.userAttribute(account, name, options),
      (value) => [["onUserAttrResult", account, name, value]],
    );
  }

  #userAttributes(method: string, account: string): void {
    this.#ask(
      method,
      (options) => this.operations.userAttributes(account, options),
      (json) => [["onUserAttrAllResult", account, json]],
    );
  }

  #ask<T>(method: string, call: (options: CallOptions) => Promise<T>, done: (answer: T) => readonly Told[]): void {
    void this.teller.follow(call, { done, failed: (thrown) => [errorOf(method, thrown)] });
  }
}

/** The callback for a method that has none of its own for failures. */
export function errorOf(method: string, thrown: unknown): Told {
  return ["onError", method, codeOf("SIGNALING_GENERAL", thrown), messageOf(thrown)];
}
