// The numbers of results, as the old system has them.

/** What became of a login. */
export const LoginErrorCode = {
  Success: 0,
  /** The token is not valid, or no longer. Give another one with `updateLoginToken`. */
  InvalidToken: -1000,
  LoginFailed: -1001,
  InvalidUserId: -1002,
  ServerError: -1003,
} as const;
export type LoginErrorCode = (typeof LoginErrorCode)[keyof typeof LoginErrorCode];

/** Why a login ended. */
export const LogoutReason = {
  /** `logout` was called, or the server ended the session. */
  Logout: 0,
  /** The user logged in elsewhere. */
  DuplicateLogin: 1,
} as const;
export type LogoutReason = (typeof LogoutReason)[keyof typeof LogoutReason];

/** What became of a message to a user or to the application server. */
export const UserMessageSendResult = {
  Success: 0,
  Timeout: 1,
  /** The link was lost after the message was sent. */
  NetworkDisconnected: 2,
  /** Never sent: a receiver who is away is `NoRelayPath`. */
  NoReceiver: 3,
  NoRelayPath: 4,
  ExceedQPS: 5,
  /** The application server could not be reached, or is not allowed. */
  E2BSSendFailed: 17,
  /** The application server did not answer with status 200, or answered too much. */
  E2BSReturnFailed: 18,
  /** Never sent: it belongs to rooms. */
  NotJoin: 100,
  /** The first connection is not made yet. */
  Init: 101,
  NoConnection: 102,
  ExceedMaxLength: 103,
  EmptyUser: 104,
  NotLogin: 105,
  ServerParamsNotSet: 106,
  Unknown: 1000,
} as const;
export type UserMessageSendResult = (typeof UserMessageSendResult)[keyof typeof UserMessageSendResult];

/** What became of a message to a room. Success is 200. */
export const RoomMessageSendResult = {
  Success: 200,
  Timeout: 1,
  /** The link was lost after the message was sent. */
  NetworkDisconnected: 2,
  ExceedQPS: 5,
  NotJoin: 100,
  /** The first connection is not made yet. */
  Init: 101,
  NoConnection: 102,
  ExceedMaxLength: 103,
  Unknown: 1000,
} as const;
export type RoomMessageSendResult = (typeof RoomMessageSendResult)[keyof typeof RoomMessageSendResult];

/** What became of `setServerParams`. Other numbers are those of `UserMessageSendResult`. */
export const ServerParamsResult = { Success: 200 } as const;

/** What methods return at once. A method documents where it differs. */
export const ReturnStatus = {
  Success: 0,
  Failure: -1,
  ParameterErr: -2,
  WrongState: -3,
  HasInRoom: -4,
  HasInLogin: -5,
  RoomIdInUse: -8,
} as const;
export type ReturnStatus = (typeof ReturnStatus)[keyof typeof ReturnStatus];
