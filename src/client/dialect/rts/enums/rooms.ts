// The numbers of rooms, as the old system has them.

/** What `onRoomStateChanged` and `onCreateRoomStateChanged` tell. 0 is joined. */
export const ErrorCode = {
  /** Never sent: a room has no token of its own. */
  InvalidToken: -1000,
  JoinRoom: -1001,
  /** The user logged in elsewhere. */
  DuplicateLogin: -1004,
  KickedOut: -1006,
  RoomIdIllegal: -1007,
  TokenExpired: -1009,
  /** Never sent: a room has no token of its own. */
  UpdateTokenWithInvalidToken: -1010,
  RoomDismiss: -1011,
  /** The engine has a room with this id. */
  RoomAlreadyExist: -1013,
  /** Never sent: a room uses the user id of the login. */
  UserIDDifferent: -1014,
  /** Never sent. */
  JoinRoomRoomForbidden: -1025,
  JoinRoomUserForbidden: -1026,
  /** The session has ended by a fault, and there is no way back to it. */
  AbnormalServerStatus: -1084,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** What `onRoomStateChanged` tells of a room that goes on. */
export const WarningCode = {
  /** Never sent. */
  GetRoomFailed: -2000,
  /** A fault in the server hindered the join. It is tried again. */
  JoinRoomFailed: -2001,
  /** Never sent. */
  PublishStreamFailed: -2002,
  /** Never sent. */
  SendCustomMessage: -2011,
  /** Never sent: above 512 users `onUserJoined` and `onUserLeave` stop without a word. */
  UserNotifyStop: -2013,
  /** Never sent. */
  RoomAlreadyExist: -2015,
  /** Never sent: an id in use is refused with -1013. */
  OldRoomBeenReplaced: -2016,
} as const;
export type WarningCode = (typeof WarningCode)[keyof typeof WarningCode];

/** Why a user left a room. */
export const UserOfflineReason = {
  Quit: 0,
  Dropped: 1,
  /** Never sent: users are always visible. */
  SwitchToInvisible: 2,
  KickedByAdmin: 3,
} as const;
export type UserOfflineReason = (typeof UserOfflineReason)[keyof typeof UserOfflineReason];

/** The `join_type` in the `extraInfo` of a room. */
export const JoinRoomType = { First: 0, Reconnected: 1 } as const;
export type JoinRoomType = (typeof JoinRoomType)[keyof typeof JoinRoomType];
