import { silentLogger } from "../../logger.js";
import { DefaultOptions } from "../shared/options.js";
import { AgoraCallbacks, callbackNames } from "./callbacks.js";
import { LoginState } from "./codes.js";
import { invoke } from "./invoke.js";
import { Session, type SignalingOptions } from "./session.js";
import { isSpecial } from "./special-channels.js";
import { Teller } from "./teller.js";
import { versionNumber } from "./version.js";

const defaults = new DefaultOptions<SignalingOptions>();
const instances = new Map<string, AgoraAPI>();

/** Says once where the server is, for all instances that are not told it themselves. It holds from their next login on. */
export function configure(options: SignalingOptions): void {
  defaults.set(options);
}

/**
 * The interface of the old system: methods return nothing, and what comes of them is told by the callbacks. All calls but `login`
 * need a login; those that have a callback with an ecode answer 1003 without one. `uid` and `deviceID` are out of use.
 */
export class AgoraAPI extends AgoraCallbacks {
  readonly #appId: string;
  readonly #options: SignalingOptions;
  readonly #teller: Teller;
  #session: Session;
  /** Resolves when the sessions that were logged out are over. */
  #sessionBefore: Promise<void> = Promise.resolve();
  #isDestroyed = false;

  /** Applications use the functions below. */
  constructor(appId: string, options: SignalingOptions = {}) {
    super();
    this.#appId = appId;
    this.#options = options;
    const { logger = silentLogger } = defaults.with(options);
    this.#teller = new Teller(this, logger);
    this.#session = new Session({ appId, account: "", token: "" }, this.#teller, defaults.with(options));
  }

  /** The one instance of an app in this process. The options of the first call hold. */
  static getInstanceWithoutMedia(appId: string, options: SignalingOptions = {}): AgoraAPI {
    const instance = instances.get(appId) ?? new AgoraAPI(appId, options);
    instances.set(appId, instance);
    return instance;
  }

  /** The same as `getInstanceWithoutMedia`. */
  static getInstance(appId: string, options: SignalingOptions = {}): AgoraAPI {
    return AgoraAPI.getInstanceWithoutMedia(appId, options);
  }

  /** A new instance, for several users in one process. */
  static createSigInstance(appId: string, options: SignalingOptions = {}): AgoraAPI {
    return new AgoraAPI(appId, options);
  }

  /** The same as `createSigInstance`. */
  static createAgoraSDKInstance(appId: string, options: SignalingOptions = {}): AgoraAPI {
    return AgoraAPI.createSigInstance(appId, options);
  }

  /** Sets all callbacks at once. Those that the object does not have are unset. */
  callbackSet(callbacks: Partial<AgoraCallbacks>): void {
    for (const name of callbackNames) Reflect.set(this, name, callbacks[name]?.bind(callbacks));
  }

  /** Logs out, and ends the instance: no callback follows, and no method but `getSdkVersion` does anything. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#teller.close();
    this.#session.close();
    if (instances.get(this.#appId) === this) instances.delete(this.#appId);
  }

  /** `login2` with the limits of the old system: 30 seconds and 3 tries. */
  login(appId: string, account: string, token: string, uid = 0, deviceID = ""): void {
    this.login2(appId, account, token, uid, deviceID, 30, 3);
  }

  /**
   * Logs in: `onLoginSuccess` or `onLoginFailed`. If the server cannot be reached it tries again until the time (in seconds) is
   * over or the tries are used up. While logged in, or logging in, it does nothing. It may follow `logout` at once.
   */
  login2(
    appId: string,
    account: string,
    token: string,
    _uid: number,
    _deviceID: string,
    retry_time_in_s: number,
    retry_count: number,
  ): void {
    if (this.#isDestroyed) return;
    if (this.getStatus() !== LoginState.LOGIN_STATE_NOT_LOGIN) {
      this.#teller.log("The login was ignored: the user is logged in, or is about to be.");
      return;
    }
    this.#session = new Session({ appId, account, token }, this.#teller, defaults.with(this.#options));
    void this.#session.login(this.#sessionBefore, { timeMs: retry_time_in_s * 1000, tries: retry_count });
  }

  /** Logs out: `onLogout(101)`. During a login: `onLoginFailed(203)`. Without one: `onLogout(108)`. */
  logout(): void {
    const before = this.#sessionBefore;
    this.#sessionBefore = this.#session.logout().then(() => before);
  }

  /** Calls an operation by its name, with a request in JSON: `onInvokeRet` with the same `callID`. */
  invoke(name: string, req: string, callID: string): void {
    invoke(this.#session.operations, this.#teller, name, req, callID);
  }

  /** Tells whether a user is online: `onQueryUserStatusResult`. */
  queryUserStatus(account: string): void {
    this.#session.queries.userStatus(account);
  }

  /** Sets an attribute of the user who is logged in. It is kept after a logout. */
  setAttr(name: string, value: string): void {
    this.#session.queries.setOwnAttribute(name, value);
  }

  /** Reads an attribute of the user who is logged in: `onUserAttrResult`. */
  getAttr(name: string): void {
    this.#session.queries.ownAttribute(name);
  }

  /** Reads all attributes of the user who is logged in: `onUserAttrAllResult`. */
  getAttrAll(): void {
    this.#session.queries.ownAttributes();
  }

  /** Reads an attribute of a user: `onUserAttrResult`. */
  getUserAttr(account: string, name: string): void {
    this.#session.queries.userAttribute(account, name);
  }

  /** Reads all attributes of a user: `onUserAttrAllResult`. */
  getUserAttrAll(account: string): void {
    this.#session.queries.userAttributes(account);
  }

  /**
   * Sends a text of at most 8 KiB to a user: `onMessageSendSuccess` when the server has it. A user who is away gets it within a
   * day. An empty `msgID` is replaced by a unique one.
   */
  messageInstantSend(account: string, _uid: number, msg: string, msgID: string): void {
    this.#session.messages.sendToUser(account, msg, msgID);
  }

  /**
   * Joins a channel: `onChannelJoined`, `onChannelUserList`, and `onChannelAttrUpdated` for each attribute; or
   * `onChannelJoinFailed`. The channel before is left first.
   */
  channelJoin(channelID: string): void {
    if (isSpecial(channelID)) this.#session.specialChannels.join(channelID);
    else this.#session.room.join(channelID);
  }

  /** Leaves a channel: `onChannelLeaved`, with 602 also for one in which the user is not. */
  channelLeave(channelID: string): void {
    if (isSpecial(channelID)) this.#session.specialChannels.leave(channelID);
    else this.#session.room.leave(channelID);
  }

  /** Tells how many users are in a channel: `onChannelQueryUserNumResult`. */
  channelQueryUserNum(channelID: string): void {
    this.#session.queries.memberCount(channelID);
  }

  /** Tells whether a user is in a channel: `onChannelQueryUserIsIn`. */
  channelQueryUserIsIn(channelID: string, account: string): void {
    this.#session.queries.isIn(channelID, account);
  }

  /** Sets an attribute of a channel: `onChannelAttrUpdated` for all members. Names that begin with "_" may be built in. */
  channelSetAttr(channelID: string, name: string, value: string): void {
    this.#session.queries.setChannelAttribute(channelID, name, value);
  }

  /** Deletes an attribute of a channel: `onChannelAttrUpdated` for all members. */
  channelDelAttr(channelID: string, name: string): void {
    this.#session.queries.deleteChannelAttribute(channelID, name);
  }

  /** Deletes all attributes of a channel: one `onChannelAttrUpdated` for all members. */
  channelClearAttr(channelID: string): void {
    this.#session.queries.clearChannelAttributes(channelID);
  }

  /** Sends a text of at most 8 KiB to the channel: `onMessageSendSuccess` when the server has it. The sender gets it too. */
  messageChannelSend(channelID: string, msg: string, msgID: string): void {
    this.#session.messages.sendToChannel(channelID, msg, msgID, false);
  }

  /** Sends to a channel in which the user need not be. The token must allow it. */
  messageChannelSendForce(channelID: string, msg: string, msgID: string): void {
    this.#session.messages.sendToChannel(channelID, msg, msgID, true);
  }

  /** `channelInviteUser2` without an extra. */
  channelInviteUser(channelID: string, account: string, _uid = 0): void {
    this.#session.calls.invite(channelID, account, "");
  }

  /**
   * Calls a user to a channel: `onInviteReceivedByPeer`, then `onInviteAcceptedByPeer`, `onInviteRefusedByPeer` or
   * `onInviteFailed`. Nobody joins the channel by it. `extra` is "" or a JSON object of at most 8 KiB, which the called user gets;
   * its `_require_peer_online` and `_timeout` say how long the call waits.
   */
  channelInviteUser2(channelID: string, account: string, extra: string): void {
    this.#session.calls.invite(channelID, account, extra);
  }

  /** Sends telephone digits (0 to 9, * and #) to the other side of a call: `onInviteMsg` there. */
  channelInviteDTMF(channelID: string, phoneNum: string, dtmf: string): void {
    this.#session.calls.sendDigits(channelID, phoneNum, dtmf);
  }

  /** Accepts the call of a user. */
  channelInviteAccept(channelID: string, account: string, _uid = 0, extra = ""): void {
    this.#session.calls.accept(channelID, account, extra);
  }

  /** Refuses the call of a user. */
  channelInviteRefuse(channelID: string, account: string, _uid = 0, extra = ""): void {
    this.#session.calls.refuse(channelID, account, extra);
  }

  /** Ends a call, before or after it was accepted: `onInviteEndByMyself` here, `onInviteEndByPeer` there. */
  channelInviteEnd(channelID: string, account: string, _uid = 0): void {
    this.#session.calls.end(channelID, account);
  }

  /** One of `LoginState`. */
  getStatus(): number {
    return this.#session.status;
  }

  /** The version a.b.c.d as the number 10^9 + a·10^7 + b·10^5 + c·10^3 + d. */
  getSdkVersion(): number {
    return versionNumber();
  }

  /** @deprecated Use `channelInviteDTMF`. Sends telephone digits to the other side of the only call. */
  messageDTMFSend(_uid: number, msg: string, msgID: string): void {
    this.#session.calls.sendDigitsToOnly(msg, msgID);
  }

  /** @deprecated Use `channelInviteUser`. Calls a telephone: a gateway that is logged in with its number. */
  channelInvitePhone(channelID: string, phoneNum: string, _uid = 0): void {
    this.#session.calls.invite(channelID, phoneNum, "");
  }

  /** @deprecated Use `channelInviteUser2` with `srcNum`. Calls a telephone, which shows a number. */
  channelInvitePhone2(channelID: string, phoneNum: string, sourcesNum: string): void {
    this.channelInvitePhone3(channelID, phoneNum, sourcesNum, "");
  }

  /** @deprecated Use `channelInviteUser2` with `srcNum`. Calls a telephone, which shows a number. */
  channelInvitePhone3(channelID: string, phoneNum: string, sourcesNum: string, extra: string): void {
    this.#session.calls.invite(channelID, phoneNum, extra, sourcesNum);
  }

  /** @deprecated Use `getStatus`. True while the user is logged in and the link is there. */
  isOnline(): boolean {
    return this.getStatus() === LoginState.LOGIN_STATE_LOGINED;
  }
}
