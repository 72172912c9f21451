import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { ConnectionReason, ConnectionState, GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { InvitationEndReason } from "../../../gen/aldis/v1/invitation.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { type DialectSource, type DialectTable, dialectCode, dialectTables } from "../../../gen/aldis/v1/tables/dialects.js";
import { AdminClient } from "../../../src/client/admin/admin-client.js";
import { AgoraEcode, LoginState } from "../../../src/client/dialect/signaling/index.js";
import { GrpcAdminTransport } from "../../../src/client/transport/grpc-admin.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { joinUsers } from "./users.js";

/** The tables of the methods and callbacks with an ecode. */
const ecodeTables = [
  "SIGNALING_LOGOUT",
  "SIGNALING_LOGIN",
  "SIGNALING_JOIN",
  "SIGNALING_SEND",
  "SIGNALING_QUERY_USER_NUM",
  "SIGNALING_LEAVE",
  "SIGNALING_INVITE",
  "SIGNALING_GENERAL",
] as const satisfies readonly DialectTable[];

type Name = keyof typeof AgoraEcode;
type Row = readonly [table: DialectTable, source: DialectSource, name: Name, values: readonly number[]];

const { INTERNAL, UNAVAILABLE, TIMEOUT, NOT_CONNECTED, CANCELED, NOT_LOGGED_IN, RATE_LIMITED } = ErrorCode;
const { INVALID_ARGUMENT, INVALID_USER_ID, INVALID_CHANNEL_ID, INVALID_MESSAGE, TOO_MANY_ITEMS } = ErrorCode;

const rows: readonly Row[] = [
  ["SIGNALING_LOGOUT", "ConnectionReason", "LOGOUT_E_USER", [ConnectionReason.LOGOUT]],
  ["SIGNALING_LOGOUT", "ConnectionReason", "LOGOUT_E_NET", [ConnectionReason.INTERRUPTED]],
  [
    "SIGNALING_LOGOUT",
    "ConnectionReason",
    "LOGOUT_E_KICKED",
    [ConnectionReason.REMOTE_LOGIN, ConnectionReason.BANNED_BY_SERVER],
  ],
  ["SIGNALING_LOGOUT", "ConnectionReason", "LOGOUT_E_TOKENEXPIRED", [ConnectionReason.TOKEN_EXPIRED]],
  ["SIGNALING_LOGOUT", "ConnectionReason", "LOGOUT_E_OTHER", [ConnectionReason.LOGIN_FAILURE]],
  ["SIGNALING_LOGOUT", "GoodbyeReason", "LOGOUT_E_OTHER", [GoodbyeReason.SLOW_CONSUMER, GoodbyeReason.SERVER_ERROR]],
  ["SIGNALING_LOGOUT", "ErrorCode", "LOGOUT_E_TOKENWRONG", [ErrorCode.INVALID_TOKEN]],
  ["SIGNALING_LOGOUT", "ErrorCode", "LOGOUT_E_TOKENEXPIRED", [ErrorCode.TOKEN_EXPIRED]],
  ["SIGNALING_LOGOUT", "ErrorCode", "LOGOUT_E_ALREADY_LOGOUT", [NOT_LOGGED_IN]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_OTHER", [INTERNAL]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_NET", [NOT_CONNECTED, UNAVAILABLE, TIMEOUT]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_FAILED", [ErrorCode.REJECTED_BY_SERVER, ErrorCode.INVALID_APP_ID, RATE_LIMITED]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_FAILED", [ErrorCode.USER_BANNED, ErrorCode.NOT_AUTHORIZED]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_CANCEL", [CANCELED]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_TOKENEXPIRED", [ErrorCode.TOKEN_EXPIRED]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_OLDVERSION", [ErrorCode.UNSUPPORTED_VERSION]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_TOKENWRONG", [ErrorCode.INVALID_TOKEN]],
  ["SIGNALING_LOGIN", "GoodbyeReason", "LOGIN_E_TOKEN_KICKED", [GoodbyeReason.REMOTE_LOGIN]],
  ["SIGNALING_LOGIN", "ErrorCode", "LOGIN_E_INVALID_USER", [INVALID_USER_ID]],
  ["SIGNALING_JOIN", "ErrorCode", "JOINCHANNEL_E_OTHER", [INTERNAL, RATE_LIMITED, ErrorCode.NOT_AUTHORIZED, TIMEOUT]],
  ["SIGNALING_SEND", "ErrorCode", "SENDMESSAGE_E_OTHER", [RATE_LIMITED, ErrorCode.CHANNEL_RATE_LIMITED, INTERNAL]],
  ["SIGNALING_SEND", "ErrorCode", "SENDMESSAGE_E_OTHER", [ErrorCode.NOT_IN_CHANNEL, ErrorCode.NOT_AUTHORIZED]],
  ["SIGNALING_SEND", "ErrorCode", "SENDMESSAGE_E_TIMEOUT", [TIMEOUT, NOT_CONNECTED]],
  ["SIGNALING_QUERY_USER_NUM", "ErrorCode", "QUERYUSERNUM_E_OTHER", [INTERNAL, RATE_LIMITED]],
  ["SIGNALING_QUERY_USER_NUM", "ErrorCode", "QUERYUSERNUM_E_TIMEOUT", [TIMEOUT, NOT_CONNECTED]],
  ["SIGNALING_LEAVE", "ErrorCode", "LEAVECHANNEL_E_OTHER", [INTERNAL]],
  ["SIGNALING_LEAVE", "LeaveReason", "LEAVECHANNEL_E_OTHER", [LeaveReason.CHANNEL_DISMISSED]],
  ["SIGNALING_LEAVE", "LeaveReason", "LEAVECHANNEL_E_KICKED", [LeaveReason.KICKED, LeaveReason.BANNED]],
  ["SIGNALING_LEAVE", "LeaveReason", "LEAVECHANNEL_E_BYUSER", [LeaveReason.LEFT, LeaveReason.SWITCHED]],
  ["SIGNALING_LEAVE", "ErrorCode", "LEAVECHANNEL_E_BYUSER", [ErrorCode.NOT_IN_CHANNEL]],
  ["SIGNALING_LEAVE", "LeaveReason", "LEAVECHANNEL_E_LOGOUT", [LeaveReason.LOGGED_OUT, LeaveReason.REMOTE_LOGIN]],
  ["SIGNALING_LEAVE", "LeaveReason", "LEAVECHANNEL_E_LOGOUT", [LeaveReason.TOKEN_EXPIRED]],
  ["SIGNALING_LEAVE", "LeaveReason", "LEAVECHANNEL_E_DISCONN", [LeaveReason.CONNECTION_LOST]],
  ["SIGNALING_LEAVE", "ConnectionReason", "LEAVECHANNEL_E_DISCONN", [ConnectionReason.INTERRUPTED]],
  ["SIGNALING_LEAVE", "ConnectionReason", "LEAVECHANNEL_E_LOGOUT", [ConnectionReason.LOGOUT, ConnectionReason.REMOTE_LOGIN]],
  ["SIGNALING_LEAVE", "ConnectionReason", "LEAVECHANNEL_E_LOGOUT", [ConnectionReason.TOKEN_EXPIRED]],
  ["SIGNALING_LEAVE", "ConnectionReason", "LEAVECHANNEL_E_KICKED", [ConnectionReason.BANNED_BY_SERVER]],
  ["SIGNALING_INVITE", "ErrorCode", "INVITE_E_OTHER", [INTERNAL, RATE_LIMITED, ErrorCode.REJECTED_BY_SERVER]],
  ["SIGNALING_INVITE", "ErrorCode", "INVITE_E_REINVITE", [ErrorCode.INVITATION_DUPLICATE]],
  ["SIGNALING_INVITE", "ErrorCode", "INVITE_E_NET", [NOT_CONNECTED, UNAVAILABLE]],
  ["SIGNALING_INVITE", "ErrorCode", "INVITE_E_TIMEOUT", [TIMEOUT]],
  ["SIGNALING_INVITE", "ErrorCode", "INVITE_E_PEEROFFLINE", [ErrorCode.PEER_UNREACHABLE]],
  ["SIGNALING_INVITE", "InvitationEndReason", "INVITE_E_PEEROFFLINE", [InvitationEndReason.PEER_OFFLINE]],
  ["SIGNALING_INVITE", "InvitationEndReason", "INVITE_E_TIMEOUT", [InvitationEndReason.PEER_NO_RESPONSE]],
  [
    "SIGNALING_INVITE",
    "InvitationEndReason",
    "INVITE_E_TIMEOUT",
    [InvitationEndReason.EXPIRED, InvitationEndReason.ACCEPT_FAILED],
  ],
  ["SIGNALING_GENERAL", "ErrorCode", "GENERAL_E_FAILED", [INTERNAL, ErrorCode.INVITATION_NOT_STARTED]],
  [
    "SIGNALING_GENERAL",
    "ErrorCode",
    "GENERAL_E_FAILED",
    [ErrorCode.INVITATION_ALREADY_ACCEPT, ErrorCode.INVITATION_ALREADY_END],
  ],
  ["SIGNALING_GENERAL", "ErrorCode", "GENERAL_E_WRONG_PARAM", [INVALID_MESSAGE, TOO_MANY_ITEMS]],
  ["SIGNALING_GENERAL", "ErrorCode", "GENERAL_E_LARGE_PARAM", [ErrorCode.ATTRIBUTES_TOO_LARGE]],
  ...ecodeTables.flatMap((table): Row[] => {
    if (table === "SIGNALING_LOGIN" || table === "SIGNALING_LOGOUT") return [];
    return [
      [table, "ErrorCode", "GENERAL_E_NOT_LOGIN", [NOT_LOGGED_IN]],
      [table, "ErrorCode", "GENERAL_E_WRONG_PARAM", [INVALID_ARGUMENT, INVALID_USER_ID, INVALID_CHANNEL_ID]],
    ];
  }),
  ...(["SIGNALING_JOIN", "SIGNALING_SEND", "SIGNALING_INVITE", "SIGNALING_GENERAL"] as const).map((table): Row => {
    return [table, "ErrorCode", "GENERAL_E_LARGE_PARAM", [ErrorCode.PAYLOAD_TOO_LARGE]];
  }),
];

/** Numbers of the old system that this one never sends. */
const kept: readonly Name[] = [
  "LOGOUT_E_PACKET",
  "LOGOUT_E_OLDVERSION",
  "LOGIN_E_ALREADY_LOGIN",
  "QUERYUSERNUM_E_BYUSER",
  "INVITE_E_CANTRECV",
  "GENERAL_E",
  "GENERAL_E_UNKNOWN",
];

describe("the numbers", () => {
  it.each(rows)("S-E01 %s, %s: %s", (table, source, name, values) => {
    expect(values.map((value) => dialectCode(table, source, value))).toEqual(values.map(() => AgoraEcode[name]));
  });

  it("S-E01 every number of the tables is one of AgoraEcode, and every one of these is used or kept", () => {
    const used = new Set<number>([AgoraEcode.SUCCESS]);
    for (const table of ecodeTables) {
      const { fallback, codes } = dialectTables[table];
      for (const code of [fallback, ...Object.values(codes).flatMap((some) => Object.values(some))]) used.add(code);
    }

    const unused = (Object.keys(AgoraEcode) as Name[]).filter((name) => !used.has(AgoraEcode[name]));
    expect([...used].filter((code) => !(Object.values(AgoraEcode) as number[]).includes(code))).toEqual([]);
    expect(unused).toEqual(kept);
  });

  it("S-E02 the states of a login have their numbers", () => {
    const { DISCONNECTED, CONNECTING, CONNECTED, RECONNECTING, ABORTED } = ConnectionState;
    const codes = [DISCONNECTED, CONNECTING, CONNECTED, RECONNECTING, ABORTED].map((state) =>
      dialectCode("SIGNALING_STATUS", "ConnectionState", state),
    );
    const { LOGIN_STATE_NOT_LOGIN, LOGIN_STATE_LOGINING, LOGIN_STATE_LOGINED, LOGIN_STATE_RECONNECTING } = LoginState;

    expect(codes).toEqual([0, 1, 2, 3, 0]);
    expect([LOGIN_STATE_NOT_LOGIN, LOGIN_STATE_LOGINING, LOGIN_STATE_LOGINED, LOGIN_STATE_RECONNECTING]).toEqual([0, 1, 2, 3]);
  });

  it("S-E04 who is unreachable counts as online", () => {
    const { ONLINE, UNREACHABLE, OFFLINE } = PresenceState;
    const codes = [ONLINE, UNREACHABLE, OFFLINE].map((state) => dialectCode("SIGNALING_USER_STATUS", "PresenceState", state));

    expect(codes).toEqual([1, 1, 0]);
  });
});

describe("what an operator does", () => {
  const adminKey = "an-admin-key-of-tests-with-32-bytes-or-more";

  it("S-E01 S-C18 who is removed from the channel hears 601, who is in a dismissed one 600", async () => {
    const server = await startDialectServer({ adminKey });
    const operator = new AdminClient(new GrpcAdminTransport({ address: server.address, key: adminKey }));
    const [alice, bob] = await joinUsers(server, "room", "alice", "bob");

    await operator.call("kickUser", { appId: server.appId, userId: "bob", channel: "room" });
    await bob.heard.until("onChannelLeaved");
    await alice.heard.until("onChannelUserLeaved");
    await operator.call("dismissChannel", { appId: server.appId, channel: "room" });
    await alice.heard.until("onChannelLeaved");
    operator.close();

    expect(bob.heard.told).toEqual([["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_KICKED]]);
    expect(alice.heard.told).toEqual([
      ["onChannelUserLeaved", "bob", 0],
      ["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_OTHER],
    ]);
  });

  it("S-E01 S-C05 who is thrown out hears 103, and who is banned cannot log in: 202", async () => {
    const server = await startDialectServer({ adminKey });
    const operator = new AdminClient(new GrpcAdminTransport({ address: server.address, key: adminKey }));
    const [alice] = await joinUsers(server, "room", "alice");

    await operator.call("banUser", { appId: server.appId, userId: "alice" });
    await alice.heard.until("onLogout");
    alice.api.login(server.appId, "alice", await server.token("alice"), 0, "");
    await alice.heard.until("onLoginFailed");
    operator.close();

    expect(alice.heard.told).toEqual([
      ["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_KICKED],
      ["onLogout", AgoraEcode.LOGOUT_E_KICKED],
      ["onLoginFailed", AgoraEcode.LOGIN_E_FAILED],
    ]);
  });
});
