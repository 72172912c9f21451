// The public door of `aldis/rts`: the interface of Volcengine RTS over the client.
export type { RTSDelegate, RTSRoomDelegate } from "./delegate.js";
export {
  LoginErrorCode,
  LogoutReason,
  ReturnStatus,
  RoomMessageSendResult,
  ServerParamsResult,
  UserMessageSendResult,
} from "./enums/results.js";
export { ErrorCode, JoinRoomType, UserOfflineReason, WarningCode } from "./enums/rooms.js";
export { ConnectionState, MessageConfig, NetworkType, UserOnlineStatus } from "./enums/states.js";
export type { Host } from "./host.js";
export { configure, type RTSParameters } from "./parameters.js";
export type { RTSRoom } from "./room.js";
export { RTS } from "./rts.js";
export type { HostFigures, SysStats } from "./statistics.js";
