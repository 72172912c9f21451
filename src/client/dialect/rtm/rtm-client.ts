import type { AldisClient } from "../../client.js";
import { type DialectOptions, transportOf } from "../shared/options.js";
import { RtmCallManager } from "./call-manager.js";
import { type ChannelAttributeOptions, type ChannelAttributes, RtmChannelAttributes } from "./channel-attributes.js";
import { ConnectionStatus } from "./connection-status.js";
import { RtmContext } from "./context.js";
import { EventEmitter } from "./event-emitter.js";
import { checkChannelId, checkList } from "./identifiers.js";
import type { LocalInvitation } from "./local-invitation.js";
import type { LogFilter, LogFilterType } from "./log.js";
import { Login } from "./login.js";
import {
  completeMessage,
  type PeerMessageSendResult,
  type RtmMessage,
  type SendMessageOptions,
  toRtmMessage,
} from "./messages.js";
import { type RtmConfig, takeParameters } from "./parameters.js";
import { sendToPeer } from "./peer-messages.js";
import { Peers, type PeersOnlineStatusResult } from "./peers.js";
import { toRecord } from "./record.js";
import { RtmChannel } from "./rtm-channel.js";
import { toRtmError } from "./rtm-error.js";
import type { RtmClientEvents } from "./rtm-events.js";
import type { ConnectionState, PeerSubscriptionOption } from "./status-code.js";
import { TokenWatch } from "./token-watch.js";
import { type AttributesMap, RtmUserAttributes } from "./user-attributes.js";

/** Members of channels by the channel's id. */
export interface ChannelMemberCountResult {
  [channelId: string]: number;
}

const COUNT_TIMEOUT_MS = 5_000;

/**
 * A user's client, as in the Web SDK. `createInstance` makes it, any number of them. Promises reject with an `RtmError`, whose
 * code belongs to the enum of the operation. Almost everything needs a login: without one the code is 102.
 */
export class RtmClient extends EventEmitter<RtmClientEvents> {
  readonly #context: RtmContext;
  readonly #status: ConnectionStatus;
  readonly #login: Login;
  readonly #token: TokenWatch;
  readonly #peers: Peers;
  readonly #userAttributes: RtmUserAttributes;
  readonly #channelAttributes: RtmChannelAttributes;
  readonly #calls: RtmCallManager;

  constructor(appId: string, config: RtmConfig, options: DialectOptions) {
    super();
    const context = new RtmContext(options);
    this.#context = context;
    this.#status = new ConnectionStatus(context.runtime.clock, (state, reason) => {
      context.log.info(`The connection is ${state}: ${reason}.`);
      context.tell(this, "ConnectionStateChanged", state, reason);
    });
    this.#login = new Login({
      appId,
      context,
      status: this.#status,
      transport: transportOf(options),
      onClient: (client) => this.#listen(client),
    });
    this.#token = new TokenWatch(context, this);
    this.#peers = new Peers(context, (status) => context.tell(this, "PeersOnlineStatusChanged", status));
    this.#userAttributes = new RtmUserAttributes(context);
    this.#channelAttributes = new RtmChannelAttributes(context);
    this.#calls = new RtmCallManager(context);
    this.updateConfig(config);
  }

  /** The connection state that was told last. */
  get connectionState(): ConnectionState {
    return this.#status.state;
  }

  /** Logs in within 6 seconds. Rejects with a code of `LoginError`. Also takes the token and the user id, in this order. */
  login(options: { uid: string; token?: string }): Promise<void>;
  login(token: string | null | undefined, uid: string): Promise<void>;
  login(first: { uid: string; token?: string } | string | null | undefined, second = ""): Promise<void> {
    if (typeof first === "object" && first !== null) return this.#login.login(first.uid, first.token ?? "");
    return this.#login.login(second, first ?? "");
  }

  /** Logs out: leaves all channels, and ends own attributes and subscriptions. Rejects with a code of `LogoutError`. */
  logout(): Promise<void> {
    return this.#login.logout();
  }

  /** Logs out for good: drops the listeners, and every later call fails with the code 101. Never rejects. */
  async release(): Promise<void> {
    const { client } = this.#context;
    this.#context.release();
    this.removeAllListeners();
    this.#calls.removeAllListeners();
    await client?.close();
  }

  /** Goes on with a new token. Rejects with a code of `RenewTokenError`. */
  renewToken(token: string): Promise<void> {
    return this.#token.renew(token);
  }

  /** Takes options: an object, or the text of one in JSON. Unknown ones are logged and ignored. */
  setParameters(parameters: RtmConfig | string): void {
    takeParameters(parameters, this.#context.log);
  }

  /** Takes options. */
  updateConfig(config: RtmConfig): void {
    this.setParameters(config);
  }

  /** Appends log lines to a file from now on. Default: no file. */
  setLogFile(path: string): void {
    this.#context.log.setFile(path);
  }

  /** Says which lines are logged. Default: `LogFilter.INFO`. */
  setLogFilter(filter: LogFilter | LogFilterType): void {
    this.#context.log.setFilter(filter);
  }

  /** Makes a message for a peer or a channel: of bytes if there is a `rawMessage`, otherwise of text. */
  createMessage<T extends RtmMessage>(message: Partial<T>): T {
    return completeMessage(message) as T;
  }

  /** Sends a message to a user. Resolves when its client has the message, or cannot have it. */
  sendMessageToPeer(message: RtmMessage, peerId: string, options?: SendMessageOptions): Promise<PeerMessageSendResult> {
    return sendToPeer(this.#context, message, peerId, options);
  }

  /** Tells whether users are online: 1 to 256 of them. Rejects with a code of `QueryPeersOnlineStatusError`. */
  queryPeersOnlineStatus(peerIds: string[]): Promise<PeersOnlineStatusResult> {
    return this.#peers.query(peerIds);
  }

  /** Asks to be told by `PeersOnlineStatusChanged` how users are, now and from now on: at most 512. */
  subscribePeersOnlineStatus(peerIds: string[]): Promise<void> {
    return this.#peers.subscribe(peerIds);
  }

  /** Asks not to be told any more. */
  unsubscribePeersOnlineStatus(peerIds: string[]): Promise<void> {
    return this.#peers.unsubscribe(peerIds);
  }

  /** The users that are subscribed to. */
  queryPeersBySubscriptionOption(option: PeerSubscriptionOption): Promise<string[]> {
    return this.#peers.subscribed(option);
  }

  /** Replaces the own attributes. Rejects with a code of `AttributeOperationError`, as the others of attributes do. */
  setLocalUserAttributes(attributes: AttributesMap): Promise<void> {
    return this.#userAttributes.set(attributes);
  }

  /** Adds own attributes, or gives those of the same keys new values. */
  addOrUpdateLocalUserAttributes(attributes: AttributesMap): Promise<void> {
    return this.#userAttributes.update(attributes);
  }

  /** Deletes own attributes. One that is not there is no error. */
  deleteLocalUserAttributesByKeys(attributeKeys: string[]): Promise<void> {
    return this.#userAttributes.delete(attributeKeys);
  }

  /** Deletes all own attributes. */
  clearLocalUserAttributes(): Promise<void> {
    return this.#userAttributes.clear();
  }

  /** The attributes of a user. */
  getUserAttributes(userId: string): Promise<AttributesMap> {
    return this.#userAttributes.get(userId);
  }

  /** Those of the given keys that exist. */
  getUserAttributesByKeys(userId: string, attributeKeys: string[]): Promise<AttributesMap> {
    return this.#userAttributes.get(userId, attributeKeys);
  }

  /** Makes a channel to join. Throws 3 of `JoinChannelError` for what cannot be a channel's id. */
  createChannel(channelId: string): RtmChannel {
    try {
      this.#context.checkAlive();
      checkChannelId(channelId);
    } catch (thrown) {
      throw toRtmError("RTM_JOIN_CHANNEL", thrown);
    }
    return new RtmChannel(this.#context, channelId);
  }

  /** Tells how many members channels have: 1 to 32 channels. Rejects with a code of `ChannelMemberCountError`. */
  getChannelMemberCount(channelIds: string[]): Promise<ChannelMemberCountResult> {
    return this.#context.call("RTM_MEMBER_COUNT", COUNT_TIMEOUT_MS, async (client, options) => {
      checkList(channelIds);
      for (const channelId of channelIds) checkChannelId(channelId);
      const counts = await client.memberCounts(channelIds, options);
      return toRecord(counts.map(({ channel, memberCount }) => [channel, memberCount]));
    });
  }

  /** Replaces the attributes of a channel. */
  setChannelAttributes(channelId: string, attributes: AttributesMap, options?: ChannelAttributeOptions): Promise<void> {
    return this.#channelAttributes.set(channelId, attributes, options);
  }

  /** Adds attributes to a channel, or gives those of the same keys new values. */
  addOrUpdateChannelAttributes(channelId: string, attributes: AttributesMap, options?: ChannelAttributeOptions): Promise<void> {
    return this.#channelAttributes.update(channelId, attributes, options);
  }

  /** Deletes attributes of a channel. One that is not there is no error. */
  deleteChannelAttributesByKeys(channelId: string, attributeKeys: string[], options?: ChannelAttributeOptions): Promise<void> {
    return this.#channelAttributes.delete(channelId, attributeKeys, options);
  }

  /** Deletes all attributes of a channel. */
  clearChannelAttributes(channelId: string, options?: ChannelAttributeOptions): Promise<void> {
    return this.#channelAttributes.clear(channelId, options);
  }

  /** The attributes of a channel, with who wrote each and when. */
  getChannelAttributes(channelId: string): Promise<ChannelAttributes> {
    return this.#channelAttributes.get(channelId);
  }

  /** Those of the given keys that exist. */
  getChannelAttributesByKeys(channelId: string, keys: string[]): Promise<ChannelAttributes> {
    return this.#channelAttributes.get(channelId, keys);
  }

  /** Makes an invitation of a user. Nothing is sent before its `send`. */
  createLocalInvitation(calleeId: string): LocalInvitation {
    return this.#calls.createLocalInvitation(calleeId);
  }

  /** What sends and answers invitations as the native SDKs do: the same one each time. */
  getRtmCallManager(): RtmCallManager {
    return this.#calls;
  }

  #listen(client: AldisClient): void {
    const context = this.#context;
    this.#token.listen(client);
    this.#peers.listen(client);
    client.on("peerMessage", ({ payload, sender, serverTimeMs, stored }) => {
      const properties = { serverReceivedTs: serverTimeMs, isOfflineMessage: stored };
      context.tell(this, "MessageFromPeer", toRtmMessage(payload), sender, properties);
    });
    client.on("invitation", (native) => {
      const invitation = this.#calls.receive(native);
      context.tell(this, "RemoteInvitationReceived", invitation);
      context.tell(this.#calls, "RemoteInvitationReceived", invitation);
    });
  }
}
