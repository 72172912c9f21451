import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode as NativeErrorCode } from "../../../gen/aldis/v1/error.js";
import { ErrorCode, JoinRoomType, UserOfflineReason, WarningCode } from "../../../src/client/dialect/rts/index.js";
import { expired } from "../../support/joined-client.js";
import { createRoom, joinScriptedRoom, loginScriptedEngine, nextTry } from "./support.js";

const joinedInfo = (type: JoinRoomType) => expect.stringMatching(new RegExp(`^{"elapsed":\\d+,"join_type":${type}}$`));

describe("losing a room", () => {
  it.each([
    [LeaveReason.KICKED, ErrorCode.KickedOut],
    [LeaveReason.BANNED, ErrorCode.KickedOut],
    [LeaveReason.CHANNEL_DISMISSED, ErrorCode.RoomDismiss],
  ])("V-E10 V-C03 is told once, and the room may be joined again (leave reason %i is %i)", async (reason, state) => {
    const engine = await loginScriptedEngine();
    const room = await joinScriptedRoom(engine);

    engine.server.stream.events({ $case: "channelLeft", value: { channel: "room", reason } });
    await engine.clock.settle();

    expect(engine.recorder.told).toEqual([["onRoomStateChanged", "room", "ann", state, ""]]);
    expect(room.joinRoom()).toBe(0);
  });

  it.each([
    [GoodbyeReason.REMOTE_LOGIN, ErrorCode.DuplicateLogin, 1],
    [GoodbyeReason.KICKED_BY_SERVER, ErrorCode.KickedOut, 0],
    [GoodbyeReason.TOKEN_EXPIRED, ErrorCode.TokenExpired, 0],
    [GoodbyeReason.PROTOCOL_ERROR, ErrorCode.AbnormalServerStatus, 0],
  ])(
    "V-E10 V-E02 comes with the end of the session (goodbye %i is %i, and logout reason %i)",
    async (reason, state, logout) => {
      const engine = await loginScriptedEngine();
      await joinScriptedRoom(engine);

      engine.server.stream.goodbye(reason);
      await engine.clock.settle();

      expect(engine.recorder.told).toEqual([
        ["onConnectionStateChanged", 7],
        ["onLogout", logout],
        ["onRoomStateChanged", "room", "ann", state, ""],
      ]);
    },
  );

  it.each([
    [NativeErrorCode.USER_BANNED, ErrorCode.JoinRoomUserForbidden],
    [NativeErrorCode.INVALID_CHANNEL_ID, ErrorCode.RoomIdIllegal],
    [NativeErrorCode.RATE_LIMITED, ErrorCode.JoinRoom],
    [NativeErrorCode.SAME_CHANNEL_TOO_OFTEN, ErrorCode.JoinRoom],
    [NativeErrorCode.REJECTED_BY_SERVER, ErrorCode.JoinRoom],
  ])("V-E10 is a refusal of the join (error %i is %i)", async (code, state) => {
    const engine = await loginScriptedEngine();
    const room = createRoom(engine);
    room.joinRoom();

    engine.server.stream.fail("joinChannel", { code });
    await engine.clock.settle();

    expect(engine.recorder.of("onRoomStateChanged")).toEqual([["room", "ann", state, ""]]);
    expect(room.joinRoom()).toBe(0);
  });

  it("V-E11 V-M09 is only a warning for a fault of the server, and the join is tried again by itself", async () => {
    const engine = await loginScriptedEngine();
    const { server, clock, recorder } = engine;
    const room = createRoom(engine);
    recorder.clear();
    room.joinRoom();

    for (const code of [NativeErrorCode.INTERNAL, NativeErrorCode.UNAVAILABLE]) {
      server.stream.fail("joinChannel", { code });
      await clock.advance(1_000);
    }
    server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    await clock.settle();

    expect(recorder.told).toEqual([
      ["onRoomStateChanged", "room", "ann", WarningCode.JoinRoomFailed, ""],
      ["onRoomStateChanged", "room", "ann", WarningCode.JoinRoomFailed, ""],
      ["onRoomStateChanged", "room", "ann", 0, '{"elapsed":2000,"join_type":0}'],
    ]);
    expect(room.joinRoom()).toBe(-2);
  });

  it("V-E11 V-M10 ends the tries when the room is left", async () => {
    const engine = await loginScriptedEngine();
    const room = createRoom(engine);
    room.joinRoom();
    engine.server.stream.fail("joinChannel", { code: NativeErrorCode.INTERNAL });
    await engine.clock.settle();

    const returned = room.leaveRoom();
    await engine.clock.advance(5_000);

    expect(returned).toBe(0);
    expect(engine.recorder.names.slice(-2)).toEqual(["onRoomStateChanged", "onLeaveRoom"]);
    expect(engine.server.stream.countOf("joinChannel")).toBe(1);
  });

  it("V-C03 V-E13 V-E11 joins again after a lost session: -2001 for each fault, then 0 with join type 1", async () => {
    const engine = await loginScriptedEngine();
    const { server, clock, recorder } = engine;
    const room = await joinScriptedRoom(engine);

    server.stream.drop();
    await nextTry(engine);
    server.stream.welcome(expired);
    server.stream.fail("joinChannel", { code: NativeErrorCode.UNAVAILABLE });
    await clock.advance(1_000);
    server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    await clock.settle();

    expect(recorder.events).toEqual([
      ["onRoomStateChanged", "room", "ann", WarningCode.JoinRoomFailed, ""],
      ["onRoomStateChanged", "room", "ann", 0, '{"elapsed":1000,"join_type":1}'],
    ]);
    expect(room.joinRoom()).toBe(-2);
  });

  it("V-E11 V-E13 joins again by itself also after a fault that the client gives up at, and ends where it is refused", async () => {
    const engine = await loginScriptedEngine();
    const { server, clock, recorder } = engine;
    const room = await joinScriptedRoom(engine);
    server.stream.drop();
    await nextTry(engine);
    server.stream.welcome(expired);

    server.stream.fail("joinChannel", { code: NativeErrorCode.INTERNAL });
    await clock.advance(1_000);
    server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    await clock.settle();
    server.stream.drop();
    await nextTry(engine);
    server.stream.welcome({ ...expired, sessionId: "session-3" });
    server.stream.fail("joinChannel", { code: NativeErrorCode.USER_BANNED });
    await clock.settle();

    expect(recorder.events).toEqual([
      ["onRoomStateChanged", "room", "ann", WarningCode.JoinRoomFailed, ""],
      ["onRoomStateChanged", "room", "ann", 0, joinedInfo(JoinRoomType.Reconnected)],
      ["onRoomStateChanged", "room", "ann", ErrorCode.JoinRoomUserForbidden, ""],
    ]);
    expect(room.leaveRoom()).toBe(-3);
  });

  it("V-C05 comes back to the others: they hear of a user again who was away for too long", async () => {
    const engine = await loginScriptedEngine();
    await joinScriptedRoom(engine);

    engine.server.stream.events(
      { $case: "memberLeft", value: { channel: "room", userId: "bob", reason: LeaveReason.CONNECTION_LOST } },
      { $case: "memberJoined", value: { channel: "room", userId: "bob" } },
    );
    await engine.clock.settle();

    expect(engine.recorder.told).toEqual([
      ["onUserLeave", "bob", UserOfflineReason.Dropped],
      ["onUserJoined", "bob", 0],
    ]);
  });
});
