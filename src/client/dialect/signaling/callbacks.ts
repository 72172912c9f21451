import type { AttributeUpdate } from "./codes.js";

/** A callback that may be unset. */
type Optional<Callback> = Callback | null | undefined;

/**
 * What the application is told: it sets the properties that it wants. `account` is always the other user. `uid` and `fd` are out
 * of use and always 0. Numbers called `ecode` are those of `AgoraEcode`.
 */
export class AgoraCallbacks {
  /** The link is lost, and again with each try to come back; `nretry` counts from 1. */
  onReconnecting: Optional<(nretry: number) => void>;
  /** The link is there again, with the same session or a new one in the same channel. */
  onReconnected: Optional<(fd: number) => void>;
  /** The user is logged in. */
  onLoginSuccess: Optional<(uid: number, fd: number) => void>;
  /** The login has failed for good. */
  onLoginFailed: Optional<(ecode: number) => void>;
  /** The user is logged out, for whatever reason. Nothing is tried afterwards. */
  onLogout: Optional<(ecode: number) => void>;
  /** A method that has no callback of its own for failures has failed. `name` is the method, `desc` a sentence for people. */
  onError: Optional<(name: string, ecode: number, desc: string) => void>;
  /** A line for a log, in English. */
  onLog: Optional<(txt: string) => void>;
  /** The answer to `invoke`. `err` is "" or the ecode as a text, `resp` is JSON. */
  onInvokeRet: Optional<(callID: string, err: string, resp: string) => void>;
  /** The answer to `queryUserStatus`. `status` is "1" for online, "0" for offline. */
  onQueryUserStatusResult: Optional<(name: string, status: string) => void>;
  /** The answer to `getAttr` and `getUserAttr`. `value` is "" if the attribute is not set. */
  onUserAttrResult: Optional<(account: string, name: string, value: string) => void>;
  /** The answer to `getAttrAll` and `getUserAttrAll`. `value` is a JSON object of all attributes. */
  onUserAttrAllResult: Optional<(account: string, value: string) => void>;
  /** The server has a message, to a user or a channel. */
  onMessageSendSuccess: Optional<(messageID: string) => void>;
  /** The server does not have a message. */
  onMessageSendError: Optional<(messageID: string, ecode: number) => void>;
  /** A message from a user. */
  onMessageInstantReceive: Optional<(account: string, uid: number, msg: string) => void>;
  /** A message in the channel, one's own too. */
  onMessageChannelReceive: Optional<(channelID: string, account: string, uid: number, msg: string) => void>;
  /** The user is in the channel. */
  onChannelJoined: Optional<(channelID: string) => void>;
  /** The user could not join the channel. */
  onChannelJoinFailed: Optional<(channelID: string, ecode: number) => void>;
  /** The user is out of the channel. 602 if it wanted to be. */
  onChannelLeaved: Optional<(channelID: string, ecode: number) => void>;
  /** Another user joined the channel. */
  onChannelUserJoined: Optional<(account: string, uid: number) => void>;
  /** Another user left the channel. */
  onChannelUserLeaved: Optional<(account: string, uid: number) => void>;
  /** Who is in the channel, after one's own join: the latest 200, the newest first, oneself included. */
  onChannelUserList: Optional<(accounts: string[], uids: number[]) => void>;
  /** The answer to `channelQueryUserNum`. `num` is 0 unless `ecode` is 0. */
  onChannelQueryUserNumResult: Optional<(channelID: string, ecode: number, num: number) => void>;
  /** The answer to `channelQueryUserIsIn`. `isIn` is 1 or 0. */
  onChannelQueryUserIsIn: Optional<(channelID: string, account: string, isIn: number) => void>;
  /** An attribute of the channel has changed. Name and value are "" for "clear", the value is "" for "del". */
  onChannelAttrUpdated: Optional<(channelID: string, name: string, value: string, type: AttributeUpdate) => void>;
  /** A user calls. `extra` is what it says. */
  onInviteReceived: Optional<(channelID: string, account: string, uid: number, extra: string) => void>;
  /** The called user's client has the call. */
  onInviteReceivedByPeer: Optional<(channelID: string, account: string, uid: number) => void>;
  /** The called user has accepted. `extra` is what it says. */
  onInviteAcceptedByPeer: Optional<(channelID: string, account: string, uid: number, extra: string) => void>;
  /** The called user has refused. `extra` is what it says. */
  onInviteRefusedByPeer: Optional<(channelID: string, account: string, uid: number, extra: string) => void>;
  /** The call came to nothing: the peer is offline, or there was no answer in time. `extra` is the caller's. */
  onInviteFailed: Optional<(channelID: string, account: string, uid: number, ecode: number, extra: string) => void>;
  /** The other side has taken the call back, or has hung up. */
  onInviteEndByPeer: Optional<(channelID: string, account: string, uid: number, extra: string) => void>;
  /** The user has ended the call. */
  onInviteEndByMyself: Optional<(channelID: string, account: string, uid: number) => void>;
  /** Telephone digits from the other side of a call. `msgType` is "DTMF", `extra` is "". */
  onInviteMsg: Optional<
    (channelID: string, account: string, uid: number, msgType: string, msgData: string, extra: string) => void
  >;
}

/** The name of a callback. */
export type CallbackName = keyof AgoraCallbacks;

/** The names of all callbacks. */
export const callbackNames = Object.keys(new AgoraCallbacks()) as readonly CallbackName[];

/** One callback with what it is told. */
export type Told = {
  readonly [Name in CallbackName]: readonly [name: Name, ...args: Parameters<NonNullable<AgoraCallbacks[Name]>>];
}[CallbackName];
