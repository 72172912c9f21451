import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { silentLogger } from "../../logger.js";
import { systemRuntime } from "../../runtime.js";
import { CallbackQueue } from "../shared/callback-queue.js";
import { codeOf } from "../shared/codes.js";
import type { RTSDelegate } from "./delegate.js";
import { ErrorCode } from "./enums/rooms.js";
import type { MessageConfig, UserOnlineStatus } from "./enums/states.js";
import { nodeHost, sdkVersion } from "./host.js";
import { isBusinessId, isId } from "./ids.js";
import { Login } from "./login.js";
import { Messages } from "./messages.js";
import { Monitor } from "./monitor.js";
import { defaultParameters, type RTSParameters } from "./parameters.js";
import { type RoomEngine, RTSRoom } from "./room.js";
import { ServerParams } from "./server-params.js";
import type { Session } from "./session.js";

/** An engine: one user, the user's messages, and any number of rooms. Engines are independent of each other. */
export class RTS {
  readonly #delegate: RTSDelegate;
  readonly #queue: CallbackQueue;
  readonly #login: Login;
  readonly #messages: Messages;
  readonly #serverParams: ServerParams;
  readonly #monitor: Monitor | undefined;
  readonly #rooms = new Map<string, RTSRoom>();
  readonly #roomEngine: RoomEngine;
  #parameters: RTSParameters;
  #businessId = "";
  #destroyed = false;

  private constructor(appId: string, delegate: RTSDelegate, parameters: RTSParameters) {
    const { runtime = systemRuntime, logger = silentLogger, host = nodeHost } = parameters;
    const { clock } = runtime;
    const queue = new CallbackQueue((sentence) => logger.warn(sentence));
    const session = (): Session | undefined => this.#login.session;
    this.#delegate = delegate;
    this.#parameters = parameters;
    this.#queue = queue;
    this.#messages = new Messages({ queue, delegate, session });
    this.#serverParams = new ServerParams(queue, delegate);
    this.#login = new Login(
      { appId, clock, options: () => this.#parameters },
      {
        onBegin: (begun) => this.#messages.listen(begun),
        onResult: (uid, code, elapsed) => queue.tell(() => delegate.onLoginResult?.(uid, code, elapsed)),
        onReconnected: (present) => this.#serverParams.setAgain(present),
        onLogout: (reason) => queue.tell(() => delegate.onLogout?.(reason)),
        onConnectionState: (state) => queue.tell(() => delegate.onConnectionStateChanged?.(state)),
        onWarning: (sentence) => logger.warn(sentence),
      },
    );
    this.#roomEngine = {
      runtime,
      queue,
      session,
      businessId: () => this.#businessId,
      forget: (roomId) => this.#rooms.delete(roomId),
    };
    if (delegate.onSysStats === undefined && delegate.onNetworkTypeChanged === undefined) return;
    this.#monitor = new Monitor(clock, host, {
      onStatistics: (stats) => queue.tell(() => delegate.onSysStats?.(stats)),
      onNetworkType: (type) => queue.tell(() => delegate.onNetworkTypeChanged?.(type)),
    });
  }

  /**
   * Makes an engine, each time a new one. Returns null if the app id is empty. Statistics and the network type are told if the
   * delegate asks for them now; they keep the process alive until `destroyRTS`.
   */
  static createRTS(appId: string, delegate: RTSDelegate | null, parameters: RTSParameters = {}): RTS | null {
    return appId === "" ? null : new RTS(appId, delegate ?? {}, defaultParameters.with(parameters));
  }

  /** Ends the engine: leaves and destroys its rooms, and logs out. No callback follows, and every method then fails. */
  destroyRTS(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#queue.close();
    this.#monitor?.stop();
    for (const room of [...this.#rooms.values()]) room.destroy();
    this.#login.logout();
  }

  /** The version of this package. */
  getSdkVersion(): string {
    return sdkVersion;
  }

  /**
   * Sets a tag for the rooms that are joined from now on; it gives no rights. Returns 0, -1 if the engine is destroyed, -6001 while
   * a room is joined, or -6002 if there are characters other than letters, digits, dots, dashes, underscores and `@`.
   */
  setBusinessId(businessId: string): number {
    if (this.#destroyed) return -1;
    if ([...this.#rooms.values()].some(({ inUse }) => inUse)) return -6001;
    if (!isBusinessId(businessId)) return -6002;
    this.#businessId = businessId;
    return 0;
  }

  /** Sets parameters that hold from the next login on. */
  setRuntimeParameters(parameters: RTSParameters): void {
    this.#parameters = { ...this.#parameters, ...parameters };
  }

  /** Makes a room. Returns null, and tells `onCreateRoomStateChanged`, if the id is illegal or in use in this engine. */
  createRoom(roomId: string): RTSRoom | null {
    if (this.#destroyed) return null;
    const problem = this.#rooms.has(roomId) ? ErrorCode.RoomAlreadyExist : isId(roomId) ? undefined : ErrorCode.RoomIdIllegal;
    if (problem !== undefined) {
      this.#queue.tell(() => this.#delegate.onCreateRoomStateChanged?.(roomId, problem));
      return null;
    }
    const room = new RTSRoom(this.#roomEngine, roomId);
    this.#rooms.set(roomId, room);
    return room;
  }

  /**
   * Logs in; `onLoginResult` tells the result. The tries to reach the server never end. Returns 0, -1 without a user id, -2 if there
   * is a login already, or -3 if the engine is destroyed.
   * @param token The token of this user. Empty only where the server lets users in without one.
   */
  login(token: string, uid: string): number {
    return this.#destroyed ? -3 : this.#login.login(token, uid);
  }

  /** Logs out and leaves all rooms. Only `onLogout` follows. Does nothing without a login. */
  logout(): void {
    for (const room of this.#rooms.values()) room.abandon();
    this.#login.logout();
  }

  /** Sets the token to go on with. After a login that failed for its token, logs in again. A refusal is only logged. */
  updateLoginToken(token: string): void {
    if (!this.#destroyed) this.#login.updateToken(token);
  }

  /**
   * Sets the address of the application server, and a text that goes there with each message, unread. `onServerParamsSetResult`
   * tells the result. It holds for this login.
   */
  setServerParams(signature: string, url: string): void {
    this.#serverParams.set(this.#login.session, signature, url);
  }

  /** Asks whether a user is logged in. `onGetPeerOnlineStatus` tells the answer. */
  getPeerOnlineStatus(peerUserId: string): void {
    const told = (status: number) => this.#delegate.onGetPeerOnlineStatus?.(peerUserId, status as UserOnlineStatus);
    const query = async (onSettled: () => void) => this.#login.session?.client.queryPresence([peerUserId], { onSettled });
    this.#queue.tellOutcome(
      query,
      (presences) => told(dialectCode("RTS_USER_STATUS", "PresenceState", presences?.[0]?.state ?? 0)),
      (thrown) => told(codeOf("RTS_USER_STATUS", thrown)),
    );
  }

  /**
   * Sends a text to a user, wherever the user is. Returns the id of the message, from 1, -1 if the engine is destroyed, or -2
   * without a user id.
   */
  sendMessage(userId: string, message: string, _config?: MessageConfig): number {
    return this.#destroyed ? -1 : this.#messages.sendToUser(userId, message);
  }

  /** Sends bytes to a user. Returns what `sendMessage` does. */
  sendBinaryMessage(userId: string, message: Uint8Array, _config?: MessageConfig): number {
    return this.#destroyed ? -1 : this.#messages.sendToUser(userId, message);
  }

  /** Sends a text to the application server. Returns the id of the message, or -1 if the engine is destroyed. */
  sendServerMessage(message: string): number {
    return this.#destroyed ? -1 : this.#messages.sendToServer(message);
  }

  /** Sends bytes to the application server. Returns the id of the message, or -1 if the engine is destroyed. */
  sendServerBinaryMessage(message: Uint8Array): number {
    return this.#destroyed ? -1 : this.#messages.sendToServer(message);
  }
}
