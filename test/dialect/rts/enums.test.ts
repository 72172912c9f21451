// The numbers of the old system, and that what the protocol's tables give is among them.
import { describe, expect, it } from "vitest";
import { type DialectTable, dialectTables } from "../../../gen/aldis/v1/tables/dialects.js";
import * as rts from "../../../src/client/dialect/rts/index.js";

/** Every number that a table can give. */
function numbersOf(table: DialectTable): readonly number[] {
  const { success, fallback, codes } = dialectTables[table];
  return [success, fallback, ...Object.values(codes).flatMap((numbers) => Object.values(numbers))];
}

describe("the enums", () => {
  it.each<[string, object, object]>([
    [
      "V-E01 LoginErrorCode",
      rts.LoginErrorCode,
      { Success: 0, InvalidToken: -1000, LoginFailed: -1001, InvalidUserId: -1002, ServerError: -1003 },
    ],
    ["V-E02 LogoutReason", rts.LogoutReason, { Logout: 0, DuplicateLogin: 1 }],
    ["V-E03 UserOnlineStatus", rts.UserOnlineStatus, { Offline: 0, Online: 1, Unreachable: 2 }],
    ["V-E04 MessageConfig", rts.MessageConfig, { ReliableOrdered: 0, UnreliableOrdered: 1, UnreliableUnordered: 2 }],
    [
      "V-E05 UserMessageSendResult",
      rts.UserMessageSendResult,
      {
        Success: 0,
        Timeout: 1,
        NetworkDisconnected: 2,
        NoReceiver: 3,
        NoRelayPath: 4,
        ExceedQPS: 5,
        E2BSSendFailed: 17,
        E2BSReturnFailed: 18,
        NotJoin: 100,
        Init: 101,
        NoConnection: 102,
        ExceedMaxLength: 103,
        EmptyUser: 104,
        NotLogin: 105,
        ServerParamsNotSet: 106,
        Unknown: 1000,
      },
    ],
    [
      "V-E06 RoomMessageSendResult",
      rts.RoomMessageSendResult,
      {
        Success: 200,
        Timeout: 1,
        NetworkDisconnected: 2,
        ExceedQPS: 5,
        NotJoin: 100,
        Init: 101,
        NoConnection: 102,
        ExceedMaxLength: 103,
        Unknown: 1000,
      },
    ],
    ["V-E07 UserOfflineReason", rts.UserOfflineReason, { Quit: 0, Dropped: 1, SwitchToInvisible: 2, KickedByAdmin: 3 }],
    [
      "V-E08 ConnectionState",
      rts.ConnectionState,
      { Disconnected: 1, Connecting: 2, Connected: 3, Reconnecting: 4, Reconnected: 5, Lost: 6, Failed: 7 },
    ],
    [
      "V-E09 NetworkType",
      rts.NetworkType,
      { Unknown: -1, Disconnected: 0, LAN: 1, WIFI: 2, Mobile2G: 3, Mobile3G: 4, Mobile4G: 5, Mobile5G: 6 },
    ],
    [
      "V-E10 ErrorCode",
      rts.ErrorCode,
      {
        InvalidToken: -1000,
        JoinRoom: -1001,
        DuplicateLogin: -1004,
        KickedOut: -1006,
        RoomIdIllegal: -1007,
        TokenExpired: -1009,
        UpdateTokenWithInvalidToken: -1010,
        RoomDismiss: -1011,
        RoomAlreadyExist: -1013,
        UserIDDifferent: -1014,
        JoinRoomRoomForbidden: -1025,
        JoinRoomUserForbidden: -1026,
        AbnormalServerStatus: -1084,
      },
    ],
    [
      "V-E11 WarningCode",
      rts.WarningCode,
      {
        GetRoomFailed: -2000,
        JoinRoomFailed: -2001,
        PublishStreamFailed: -2002,
        SendCustomMessage: -2011,
        UserNotifyStop: -2013,
        RoomAlreadyExist: -2015,
        OldRoomBeenReplaced: -2016,
      },
    ],
    [
      "V-E12 ReturnStatus",
      rts.ReturnStatus,
      { Success: 0, Failure: -1, ParameterErr: -2, WrongState: -3, HasInRoom: -4, HasInLogin: -5, RoomIdInUse: -8 },
    ],
    ["V-E13 JoinRoomType", rts.JoinRoomType, { First: 0, Reconnected: 1 }],
    ["V-E14 ServerParamsResult", rts.ServerParamsResult, { Success: 200 }],
  ])("%s has the numbers of the old system", (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  it.each<[string, DialectTable, readonly number[]]>([
    ["V-E01", "RTS_LOGIN", Object.values(rts.LoginErrorCode)],
    ["V-E02", "RTS_LOGOUT", Object.values(rts.LogoutReason)],
    ["V-E03", "RTS_USER_STATUS", Object.values(rts.UserOnlineStatus)],
    ["V-E05", "RTS_USER_MESSAGE", Object.values(rts.UserMessageSendResult)],
    ["V-E06", "RTS_ROOM_MESSAGE", Object.values(rts.RoomMessageSendResult)],
    ["V-E07", "RTS_USER_OFFLINE", Object.values(rts.UserOfflineReason)],
    ["V-E10", "RTS_ROOM", [0, ...Object.values(rts.ErrorCode), ...Object.values(rts.WarningCode)]],
    ["V-E14", "RTS_SERVER_PARAMS", [rts.ServerParamsResult.Success, ...Object.values(rts.UserMessageSendResult)]],
  ])("%s holds every number that the table %s gives", (id, table, numbers) => {
    expect(dialectTables[table].id).toBe(id);
    expect(numbers).toEqual(expect.arrayContaining([...numbersOf(table)]));
  });
});
