import type { LoginErrorCode, LogoutReason, RoomMessageSendResult, UserMessageSendResult } from "./enums/results.js";
import type { ErrorCode, UserOfflineReason, WarningCode } from "./enums/rooms.js";
import type { ConnectionState, NetworkType, UserOnlineStatus } from "./enums/states.js";
import type { SysStats } from "./statistics.js";

/** What an engine tells. All are optional; they run one after another, never inside a call. */
export interface RTSDelegate {
  /** What the host and this process use, every 2 seconds. */
  onSysStats?(stats: SysStats): void;
  /** `createRoom` failed: -1007 or -1013. */
  onCreateRoomStateChanged?(roomId: string, errorCode: ErrorCode): void;
  /**
   * What became of a login. It comes again if a reconnection is refused for its token.
   * @param elapsed Milliseconds since the call, or since the link was lost.
   */
  onLoginResult?(uid: string, errorCode: LoginErrorCode, elapsed: number): void;
  /** The login is over: `logout` was called, the user logged in elsewhere, or the server ended the session. */
  onLogout?(reason: LogoutReason): void;
  /** The result of `setServerParams`, and again after each reconnection: 200, or a `UserMessageSendResult`. */
  onServerParamsSetResult?(error: number): void;
  /** The answer to `getPeerOnlineStatus`. A query that failed is `Unreachable`. */
  onGetPeerOnlineStatus?(peerUserId: string, status: UserOnlineStatus): void;
  /** A text from a user. */
  onMessageReceived?(uid: string, message: string): void;
  /** Bytes from a user. */
  onBinaryMessageReceived?(uid: string, message: Uint8Array): void;
  /** The result of `sendMessage` or `sendBinaryMessage`. */
  onMessageSendResult?(msgid: number, error: UserMessageSendResult): void;
  /** The result of `sendServerMessage` or `sendServerBinaryMessage`, with the body of the answer: "" if it failed. */
  onServerMessageSendResult?(msgid: number, error: UserMessageSendResult, message: string): void;
  /** The host has another network. */
  onNetworkTypeChanged?(type: NetworkType): void;
  onConnectionStateChanged?(state: ConnectionState): void;
}

/** What a room tells. All are optional; they run one after another, never inside a call. */
export interface RTSRoomDelegate {
  /**
   * The room was joined (0), could not be, was lost, or is about to be joined again (-2001).
   * @param uid The own user. Empty without a login.
   * @param extraInfo For 0 `{"elapsed":ms,"join_type":0}`, with a `JoinRoomType`; else "".
   */
  onRoomStateChanged?(roomId: string, uid: string, state: 0 | ErrorCode | WarningCode, extraInfo: string): void;
  /** `leaveRoom` is done. */
  onLeaveRoom?(): void;
  /** Another user joined, or came back. `elapsed` is 0. */
  onUserJoined?(uid: string, elapsed: number): void;
  /** Another user left. */
  onUserLeave?(uid: string, reason: UserOfflineReason): void;
  /** A text from another user. */
  onRoomMessageReceived?(uid: string, message: string): void;
  /** Bytes from another user. */
  onRoomBinaryMessageReceived?(uid: string, message: Uint8Array): void;
  /** The result of `sendRoomMessage` or `sendRoomBinaryMessage`. Success is 200. */
  onRoomMessageSendResult?(msgid: number, error: RoomMessageSendResult): void;
}
