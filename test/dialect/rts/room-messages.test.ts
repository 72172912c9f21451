import { describe, expect, it } from "vitest";
import { ErrorCode as NativeErrorCode } from "../../../gen/aldis/v1/error.js";
import { RoomMessageSendResult } from "../../../src/client/dialect/rts/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { channelMessage } from "../../support/scripted-client.js";
import { createRoom, joinRoom, loginEngine, loginScriptedEngine } from "./support.js";

describe("messages to rooms", () => {
  it("V-M11 V-C07 V-C09 go to all other users with ids from 1 in each room; success is 200", async () => {
    const server = await startDialectServer();
    const [alice, bob, carol] = [
      await loginEngine(server, "alice"),
      await loginEngine(server, "bob"),
      await loginEngine(server, "carol"),
    ];
    const [room, other] = [await joinRoom(alice), await joinRoom(alice, "other")];
    await joinRoom(bob);
    await joinRoom(carol);

    const ids = [room.sendRoomMessage("one"), other.sendRoomMessage("else"), room.sendRoomMessage("two")];
    await alice.recorder.until("onRoomMessageSendResult", 3);
    await bob.recorder.until("onRoomMessageReceived", 2);
    await carol.recorder.until("onRoomMessageReceived", 2);

    expect(ids).toEqual([1, 1, 2]);
    expect(alice.recorder.of("onRoomMessageSendResult").toSorted()).toEqual([
      [1, RoomMessageSendResult.Success],
      [1, RoomMessageSendResult.Success],
      [2, RoomMessageSendResult.Success],
    ]);
    expect(alice.recorder.of("onRoomMessageReceived")).toEqual([]);
    for (const { recorder } of [bob, carol]) {
      expect(recorder.of("onRoomMessageReceived")).toEqual([
        ["alice", "one"],
        ["alice", "two"],
      ]);
    }
  });

  it("V-M12 V-C08 are bytes too, in the same sequence", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const [room] = [await joinRoom(alice), await joinRoom(bob)];

    const ids = [room.sendRoomMessage("text"), room.sendRoomBinaryMessage(new Uint8Array([1, 0, 255]))];
    await bob.recorder.until("onRoomBinaryMessageReceived");

    expect(ids).toEqual([1, 2]);
    expect(bob.recorder.events.slice(-2)).toEqual([
      ["onRoomMessageReceived", "alice", "text"],
      ["onRoomBinaryMessageReceived", "alice", new Uint8Array([1, 0, 255])],
    ]);
    expect(alice.recorder.of("onRoomBinaryMessageReceived")).toEqual([]);
  });

  it("V-E06 fail with 100 outside the room", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const room = createRoom(alice);
    const bobs = await joinRoom(bob);

    room.sendRoomMessage("hi");
    bobs.leaveRoom();
    await bob.recorder.until("onLeaveRoom");
    bobs.sendRoomMessage("hi");

    expect(await alice.recorder.until("onRoomMessageSendResult")).toEqual([1, RoomMessageSendResult.NotJoin]);
    expect(await bob.recorder.until("onRoomMessageSendResult")).toEqual([1, RoomMessageSendResult.NotJoin]);
  });

  it.each([
    [NativeErrorCode.CHANNEL_RATE_LIMITED, RoomMessageSendResult.ExceedQPS],
    [NativeErrorCode.NOT_IN_CHANNEL, RoomMessageSendResult.NotJoin],
    [NativeErrorCode.INTERNAL, RoomMessageSendResult.Unknown],
    [NativeErrorCode.NOT_AUTHORIZED, RoomMessageSendResult.Unknown],
  ])("V-E06 of the error %i is %i", async (code, result) => {
    const engine = await loginScriptedEngine();
    const room = createRoom(engine);
    room.joinRoom();
    engine.server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    await engine.clock.settle();
    room.sendRoomMessage("hi");

    engine.server.stream.fail("sendChannelMessage", { code });
    await engine.clock.settle();

    expect(engine.recorder.of("onRoomMessageSendResult")).toEqual([[1, result]]);
  });

  it("V-E06 is 101 before the first connection and 102 while the link is away", async () => {
    const engine = await loginScriptedEngine();
    const { recorder, server, clock } = engine;
    const room = createRoom(engine);
    room.joinRoom();
    server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    await clock.settle();

    server.stream.drop();
    room.sendRoomMessage("hi");
    await clock.settle();

    expect(recorder.of("onRoomMessageSendResult")).toEqual([[1, RoomMessageSendResult.NoConnection]]);
    expect(RoomMessageSendResult.Init).toBe(101);
  });

  it("V-C03 V-C05 V-C07 V-C09 come in the order of the server, also where all came in one batch", async () => {
    const engine = await loginScriptedEngine();
    const { recorder, server, clock } = engine;
    const room = createRoom(engine);
    room.joinRoom();
    recorder.clear();

    server.stream.batch(
      [{ $case: "memberJoined", value: { channel: "room", userId: "bob" } }, channelMessage(2)],
      [server.stream.resultOf("joinChannel", { position: { epoch: "e1", offset: 1 } })],
    );
    await clock.settle();
    room.sendRoomMessage("hi");
    const result = server.stream.resultOf("sendChannelMessage", { position: { epoch: "e1", offset: 3 } });
    server.stream.batch([channelMessage(4)], [result]);
    await clock.settle();

    expect(recorder.names).toEqual([
      "onRoomStateChanged",
      "onUserJoined",
      "onRoomMessageReceived",
      "onRoomMessageSendResult",
      "onRoomMessageReceived",
    ]);
  });
});
