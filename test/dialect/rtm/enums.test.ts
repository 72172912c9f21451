import {
  AttributeOperationError,
  ChannelMemberCountError,
  ChannelMessageError,
  ConnectionChangeReason,
  ConnectionChangeReasonNumber,
  ConnectionState,
  ConnectionStateNumber,
  GetMembersError,
  InvitationApiCallError,
  JoinChannelError,
  LeaveChannelError,
  LocalInvitationError,
  LocalInvitationFailureReason,
  LocalInvitationState,
  LocalInvitationStateNumber,
  LogFilter,
  LoginError,
  LogoutError,
  MessageType,
  MessageTypeNumber,
  PeerMessageError,
  PeerOnlineState,
  PeerOnlineStateNumber,
  QueryPeersOnlineStatusError,
  RemoteInvitationError,
  RemoteInvitationFailureReason,
  RemoteInvitationState,
  RemoteInvitationStateNumber,
  RenewTokenError,
  type RtmChannel,
  type RtmClient,
} from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type DialectTable, dialectTables } from "../../../gen/aldis/v1/tables/dialects.js";
import { createScriptedUser, loginScriptedUser, type ScriptedUser } from "./scripted-user.js";
import { codeOf } from "./support.js";

/** "NAME number, NAME number" of an enum. */
const numbersOf = (numbers: Readonly<Record<string, number>>): string =>
  Object.entries(numbers)
    .map(([name, number]) => `${name} ${number}`)
    .join(", ");

/** The codes of failures in a table: what the server says, and what the application gets. */
const failuresOf = (table: DialectTable): [ErrorCode, number][] =>
  Object.entries(dialectTables[table].codes.ErrorCode ?? {}).map(([code, number]) => [Number(code) as ErrorCode, number]);

const inChannel =
  (work: (channel: RtmChannel) => Promise<unknown>) =>
  async ({ client, server }: ScriptedUser) => {
    const channel = client.createChannel("room");
    const join = channel.join();
    server.stream.answer("joinChannel", { memberCount: 1 });
    await join;
    return { call: work(channel) };
  };

const atOnce =
  (work: (client: RtmClient) => Promise<unknown>) =>
  async ({ client }: ScriptedUser) => ({ call: work(client) });

const common = "NOT_INITIALIZED 101, USER_NOT_LOGGED_IN 102";

const operations = [
  {
    name: "R-E03 RenewTokenError",
    numbers: RenewTokenError,
    original: `OK 0, FAILURE 1, INVALID_ARGUMENT 2, REJECTED 3, TOO_OFTEN 4, TOKEN_EXPIRED 5, INVALID_TOKEN 6, ${common}`,
    table: "RTM_RENEW_TOKEN",
    operation: "renewToken",
    start: atOnce((client) => client.renewToken("token-2")),
  },
  {
    name: "R-E04 PeerMessageError",
    numbers: PeerMessageError,
    original: `OK 0, FAILURE 1, SENT_TIMEOUT 2, PEER_UNREACHABLE 3, CACHED_BY_SERVER 4, TOO_OFTEN 5, INVALID_USERID 6, INVALID_MESSAGE 7, IMCOMPATIBLE_MESSAGE 8, INCOMPATIBLE_MESSAGE 8, ${common}`,
    table: "RTM_PEER_MESSAGE",
    operation: "sendPeerMessage",
    start: atOnce(async (client) => {
      const { code } = await client.sendMessageToPeer({ text: "hello" }, "bob");
      if (code !== 0) throw Object.assign(new Error("not received"), { code });
    }),
  },
  {
    name: "R-E05 ChannelMessageError",
    numbers: ChannelMessageError,
    original: `OK 0, FAILURE 1, SENT_TIMEOUT 2, TOO_OFTEN 3, INVALID_MESSAGE 4, NOT_IN_CHANNEL 5, ${common}`,
    table: "RTM_CHANNEL_MESSAGE",
    operation: "sendChannelMessage",
    start: inChannel((channel) => channel.sendMessage({ text: "hello" })),
  },
  {
    name: "R-E06 JoinChannelError",
    numbers: JoinChannelError,
    original: `OK 0, FAILURE 1, REJECTED 2, INVALID_ARGUMENT 3, TIMEOUT 4, EXCEED_LIMIT 5, ALREADY_JOINED 6, TOO_OFTEN 7, JOIN_SAME_CHANNEL_TOO_OFTEN 8, ${common}`,
    table: "RTM_JOIN_CHANNEL",
    operation: "joinChannel",
    start: atOnce((client) => client.createChannel("room").join()),
  },
  {
    name: "R-E08 GetMembersError",
    numbers: GetMembersError,
    original: `OK 0, FAILURE 1, REJECTED 2, TIMEOUT 3, TOO_OFTEN 4, NOT_IN_CHANNEL 5, ${common}`,
    table: "RTM_GET_MEMBERS",
    operation: "listMembers",
    start: inChannel((channel) => channel.getMembers()),
  },
  {
    name: "R-E09 QueryPeersOnlineStatusError",
    numbers: QueryPeersOnlineStatusError,
    original: `OK 0, FAILURE 1, INVALID_ARGUMENT 2, REJECTED 3, TIMEOUT 4, TOO_OFTEN 5, ${common}`,
    table: "RTM_QUERY_PRESENCE",
    operation: "queryPresence",
    start: atOnce((client) => client.queryPeersOnlineStatus(["bob"])),
  },
  {
    name: "R-E10 AttributeOperationError",
    numbers: AttributeOperationError,
    original: `OK 0, NOT_READY 1, FAILURE 2, INVALID_ARGUMENT 3, SIZE_OVERFLOW 4, TOO_OFTEN 5, USER_NOT_FOUND 6, TIMEOUT 7, ${common}`,
    table: "RTM_ATTRIBUTE",
    operation: "getUserAttributes",
    start: atOnce((client) => client.getUserAttributes("bob")),
  },
  {
    name: "R-E11 ChannelMemberCountError",
    numbers: ChannelMemberCountError,
    original: `OK 0, FAILURE 1, INVALID_ARGUMENT 2, TOO_OFTEN 3, TIMEOUT 4, EXCEED_LIMIT 5, ${common}`,
    table: "RTM_MEMBER_COUNT",
    operation: "getMemberCounts",
    start: atOnce((client) => client.getChannelMemberCount(["room"])),
  },
  {
    name: "R-E16 InvitationApiCallError",
    numbers: InvitationApiCallError,
    original: `OK 0, INVALID_ARGUMENT 1, NOT_STARTED 2, ALREADY_END 3, ALREADY_ACCEPT 4, ALREADY_SENT 5, ${common}`,
    table: "RTM_INVITATION_CALL",
    operation: "sendInvitation",
    start: atOnce((client) => {
      const calls = client.getRtmCallManager();
      return calls.sendLocalInvitation(calls.createLocalInvitation("bob"));
    }),
    // The client finds out by another call that an invitation was sent before.
    unheard: [ErrorCode.INVITATION_ALREADY_SENT, ErrorCode.INVITATION_ALREADY_END],
  },
] as const;

describe("the codes of calls", () => {
  it.each(operations)("$name has the original numbers, and gives each failure its own", async (row) => {
    const { numbers, original, table, operation, start } = row;
    const unheard: readonly ErrorCode[] = "unheard" in row ? row.unheard : [];

    expect(numbersOf(numbers)).toBe(original);
    expect(Object.values(numbers)).toContain(dialectTables[table].fallback);
    expect(row.name).toContain(dialectTables[table].id);
    const failures = failuresOf(table).filter(([code]) => !unheard.includes(code));
    for (const [code, number] of [...failures, [ErrorCode.INTERNAL, dialectTables[table].fallback] as const]) {
      const user = await loginScriptedUser();
      const { call } = await start(user);
      user.server.stream.fail(operation, { code });
      const thrown = await call.then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(thrown, `for the error ${code}`).toMatchObject({ code: number });
      expect(Object.values(numbers)).toContain(number);
    }
  });

  it("R-E01 LoginError has the original numbers, and gives each refusal its own", async () => {
    expect(numbersOf(LoginError)).toBe(
      "OK 0, UNKNOWN 1, REJECTED 2, INVALID_ARGUMENT 3, INVALID_APP_ID 4, INVALID_TOKEN 5, TOKEN_EXPIRED 6, NOT_AUTHORIZED 7, ALREADY_LOGGED_IN 8, TIMEOUT 9, TOO_OFTEN 10, NOT_INITIALIZED 101",
    );
    for (const [code, number] of [...failuresOf("RTM_LOGIN"), [ErrorCode.INTERNAL, LoginError.UNKNOWN] as const]) {
      const { client, server, clock } = createScriptedUser();
      const login = codeOf(client.login({ uid: "ann", token: "token" }));
      await clock.advance(1);
      server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, { error: { code, message: "No." } });

      expect(await login, `for the error ${code}`).toBe(number);
    }
  });

  it("R-E02 LogoutError has the original numbers", async () => {
    const { client } = createScriptedUser();

    expect(numbersOf(LogoutError)).toBe(`OK 0, REJECTED 1, ${common}`);
    expect(failuresOf("RTM_LOGOUT").map(([, number]) => number)).toEqual([
      LogoutError.NOT_INITIALIZED,
      LogoutError.USER_NOT_LOGGED_IN,
    ]);
    expect(await codeOf(client.logout())).toBe(LogoutError.USER_NOT_LOGGED_IN);
    await client.release();
    expect(await codeOf(client.logout())).toBe(LogoutError.NOT_INITIALIZED);
  });

  it("R-E07 LeaveChannelError has the original numbers", async () => {
    const { client, server, clock } = await loginScriptedUser();
    const channel = client.createChannel("room");

    expect(numbersOf(LeaveChannelError)).toBe(`OK 0, FAILURE 1, REJECTED 2, NOT_IN_CHANNEL 3, ${common}`);
    expect(failuresOf("RTM_LEAVE_CHANNEL").map(([, number]) => number)).toEqual([101, 102, 3]);
    expect(await codeOf(channel.leave())).toBe(LeaveChannelError.NOT_IN_CHANNEL);
    const join = channel.join();
    server.stream.answer("joinChannel", { memberCount: 1 });
    await join;
    const leave = codeOf(channel.leave());
    await clock.advance(1);
    server.stream.fail("leaveChannel", { code: ErrorCode.INTERNAL });
    expect(await leave).toBe(LeaveChannelError.FAILURE);
    void client.release();
    expect(await codeOf(channel.leave())).toBe(LeaveChannelError.NOT_INITIALIZED);
  });
});

describe("states and reasons", () => {
  /** The numbers that the protocol's table has for values of the protocol. */
  const tableNumbers = (table: DialectTable): number[] =>
    Object.values(dialectTables[table].codes)
      .flatMap((codes) => Object.values(codes))
      .sort((a, b) => a - b);

  it.each([
    ["R-E12 LocalInvitationState", LocalInvitationState, LocalInvitationStateNumber, "RTM_LOCAL_INVITATION_STATE"],
    ["R-E17 ConnectionState", ConnectionState, ConnectionStateNumber, "RTM_CONNECTION_STATE"],
    ["R-E21 PeerOnlineState", PeerOnlineState, PeerOnlineStateNumber, "RTM_PEER_ONLINE_STATE"],
  ] as const)("%s is its names, with the numbers of the protocol's table", (name, names, numbers, table) => {
    expect(Object.keys(names)).toEqual(Object.keys(numbers));
    expect(Object.values(names)).toEqual(Object.keys(names));
    expect(Object.values(numbers)).toEqual(tableNumbers(table));
    expect(name).toContain(dialectTables[table].id);
  });

  it("R-E12 LocalInvitationState, R-E17 ConnectionState and R-E21 PeerOnlineState have the original numbers", () => {
    expect(numbersOf(LocalInvitationStateNumber)).toBe(
      "IDLE 0, SENT_TO_REMOTE 1, RECEIVED_BY_REMOTE 2, ACCEPTED_BY_REMOTE 3, REFUSED_BY_REMOTE 4, CANCELED 5, FAILURE 6",
    );
    expect(numbersOf(ConnectionStateNumber)).toBe("DISCONNECTED 1, CONNECTING 2, CONNECTED 3, RECONNECTING 4, ABORTED 5");
    expect(numbersOf(PeerOnlineStateNumber)).toBe("ONLINE 0, UNREACHABLE 1, OFFLINE 2");
  });

  it("R-E13 RemoteInvitationState is its names, and IDLE is a number only", () => {
    const { IDLE, ...others } = RemoteInvitationStateNumber;

    expect(IDLE).toBe(0);
    expect(numbersOf(others)).toBe(
      "INVITATION_RECEIVED 1, ACCEPT_SENT_TO_LOCAL 2, REFUSED 3, ACCEPTED 4, CANCELED 5, FAILURE 6",
    );
    expect(Object.values(RemoteInvitationState)).toEqual(Object.keys(others));
    expect(tableNumbers("RTM_REMOTE_INVITATION_STATE")).toEqual([0, ...Object.values(others)]);
  });

  it("R-E14 LocalInvitationError has the original numbers, and a name for each in the reasons of events", () => {
    const { OK: _, ...failures } = LocalInvitationError;

    expect(numbersOf(LocalInvitationError)).toBe(
      "OK 0, PEER_OFFLINE 1, PEER_NO_RESPONSE 2, INVITATION_EXPIRE 3, NOT_LOGGEDIN 4",
    );
    expect(Object.values(LocalInvitationFailureReason)).toEqual(["UNKNOWN", ...Object.keys(failures)]);
    expect([...new Set(tableNumbers("RTM_LOCAL_INVITATION_ERROR"))]).toEqual(Object.values(failures));
  });

  it("R-E15 RemoteInvitationError has the original numbers, and a name for each in the reasons of events", () => {
    const { OK: _, ...failures } = RemoteInvitationError;

    expect(numbersOf(RemoteInvitationError)).toBe("OK 0, PEER_OFFLINE 1, ACCEPT_FAILURE 2, INVITATION_EXPIRE 3");
    expect(Object.values(RemoteInvitationFailureReason)).toEqual(["UNKNOWN", ...Object.keys(failures)]);
    expect([...new Set(tableNumbers("RTM_REMOTE_INVITATION_ERROR"))]).toEqual(Object.values(failures));
  });

  it("R-E18 ConnectionChangeReason is its names, with the original numbers and those of the protocol's table", () => {
    expect(numbersOf(ConnectionChangeReasonNumber)).toBe(
      "LOGIN 1, LOGIN_SUCCESS 2, LOGIN_FAILURE 3, LOGIN_TIMEOUT 4, INTERRUPTED 5, LOGOUT 6, BANNED_BY_SERVER 7, REMOTE_LOGIN 8, TOKEN_EXPIRED 9",
    );
    expect(Object.values(ConnectionChangeReason)).toEqual(Object.keys(ConnectionChangeReasonNumber));
    expect(Object.values(dialectTables.RTM_CONNECTION_REASON.codes.ConnectionReason ?? {})).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it("R-E19 MessageType is its names, and UNDEFINED is a number only", () => {
    expect(numbersOf(MessageTypeNumber)).toBe("UNDEFINED 0, TEXT 1, RAW 2, FILE 3, IMAGE 4");
    expect(Object.values(MessageType)).toEqual(["TEXT", "RAW", "IMAGE", "FILE"]);
  });

  it("R-E20 LogFilter has the original bits", () => {
    expect(LogFilter).toEqual({ OFF: 0, CRITICAL: 0x8, ERROR: 0xc, WARN: 0xe, INFO: 0xf, MASK: 0x80f });
  });
});
