import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { ErrorCode, JoinRoomType, UserOfflineReason } from "../../../src/client/dialect/rts/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import {
  createEngine,
  createRoom,
  createScriptedEngine,
  joinRoom,
  joinScriptedRoom,
  loginEngine,
  loginScriptedEngine,
} from "./support.js";

const joinedInfo = (type: JoinRoomType) => expect.stringMatching(new RegExp(`^{"elapsed":\\d+,"join_type":${type}}$`));

describe("making rooms", () => {
  it("V-M06 V-T02 makes several, which are joined at once and tell their own delegates", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const rooms = [await joinRoom(alice, "a"), await joinRoom(alice, "b")];
    const bobs = await joinRoom(bob, "b");
    const told: string[] = [];
    rooms[0]?.setRTSRoomDelegate({ onRoomMessageReceived: (_, message) => void told.push(`a: ${message}`) });
    rooms[1]?.setRTSRoomDelegate({ onRoomMessageReceived: (_, message) => void told.push(`b: ${message}`) });

    bobs.sendRoomMessage("hi");
    await bob.recorder.until("onRoomMessageSendResult");
    alice.rts.getPeerOnlineStatus("alice");
    await alice.recorder.until("onGetPeerOnlineStatus");

    expect(told).toEqual(["b: hi"]);
  });

  it("V-M06 V-C02 V-L01 gives null and tells -1007 for an illegal id, and -1013 for one that is in use", () => {
    const { rts, recorder } = createEngine("app", { address: "localhost:1" });
    const ids = ["", "a b", "é", "x".repeat(129), "a.B-1_@", "a.B-1_@"];

    const made = ids.map((id) => rts.createRoom(id) !== null);

    expect(made).toEqual([false, false, false, false, true, false]);
    expect(recorder.told).toEqual([]);
    return recorder.until("onCreateRoomStateChanged", 5).then(() => {
      expect(recorder.of("onCreateRoomStateChanged")).toEqual([
        ["", ErrorCode.RoomIdIllegal],
        ["a b", ErrorCode.RoomIdIllegal],
        ["é", ErrorCode.RoomIdIllegal],
        ["x".repeat(129), ErrorCode.RoomIdIllegal],
        ["a.B-1_@", ErrorCode.RoomAlreadyExist],
      ]);
    });
  });

  it("V-M07 destroys a room: it is left without a word, its id is free, and a new one is joined once the old one is out", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    await joinRoom(bob);
    const old = await joinRoom(alice);
    alice.recorder.clear();

    old.destroy();
    const next = createRoom(alice);
    const returned = next.joinRoom();
    await alice.recorder.until("onRoomStateChanged");
    await bob.recorder.until("onUserJoined", 2);

    expect([returned, old.joinRoom(), old.leaveRoom(), old.sendRoomMessage("hi")]).toEqual([0, -3, -3, -1]);
    expect(alice.recorder.events).toEqual([["onRoomStateChanged", "room", "alice", 0, joinedInfo(JoinRoomType.First)]]);
    expect(bob.recorder.names.filter((name) => name.startsWith("onUser"))).toEqual([
      "onUserJoined",
      "onUserLeave",
      "onUserJoined",
    ]);
  });

  it("V-M07 V-M10 a new room that is left before the old one is out is not joined", async () => {
    const engine = await loginScriptedEngine();
    const { server, clock, recorder } = engine;
    const old = await joinScriptedRoom(engine);

    old.destroy();
    const next = createRoom(engine);
    next.joinRoom();
    next.leaveRoom();
    server.stream.answer("leaveChannel");
    await clock.settle();

    expect(recorder.told).toEqual([["onLeaveRoom"]]);
    expect(server.stream.countOf("joinChannel")).toBe(1);
  });

  it("V-M08 V-T04 replaces a room's delegate, and null clears it", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const [room, bobs] = [await joinRoom(alice), await joinRoom(bob)];
    await alice.recorder.until("onUserJoined");
    alice.recorder.clear();

    room.setRTSRoomDelegate(null);
    bobs.sendRoomMessage("unheard");
    await bob.recorder.until("onRoomMessageSendResult");
    alice.rts.getPeerOnlineStatus("alice");
    await alice.recorder.until("onGetPeerOnlineStatus");
    room.setRTSRoomDelegate(alice.recorder.roomDelegate);
    bobs.sendRoomMessage("heard");
    await alice.recorder.until("onRoomMessageReceived");

    expect(alice.recorder.of("onRoomMessageReceived")).toEqual([["bob", "heard"]]);
  });

  it("V-M04 labels the rooms that are joined later; not while one is joined, and not with other characters", async () => {
    const engine = await loginScriptedEngine();
    const { rts, server } = engine;

    const returned = [rts.setBusinessId("live.Chat-1_@"), rts.setBusinessId("a b"), rts.setBusinessId("é")];
    const room = await joinScriptedRoom(engine);
    returned.push(rts.setBusinessId("other"));
    room.leaveRoom();
    server.stream.answer("leaveChannel");
    await engine.clock.settle();
    returned.push(rts.setBusinessId(""));

    expect(returned).toEqual([0, -6002, -6002, -6001, 0]);
    expect(server.stream.call("joinChannel").request.businessId).toBe("live.Chat-1_@");
  });
});

describe("joining and leaving", () => {
  it("V-M09 V-C03 V-C05 V-E13 tells the joiner the time it took, and the others who came", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    await joinRoom(alice);
    const room = createRoom(bob);
    bob.recorder.clear();

    const returned = [room.joinRoom(), room.joinRoom()];
    const toldInside = bob.recorder.told.length;
    await bob.recorder.until("onRoomStateChanged");
    returned.push(room.joinRoom());

    expect(await alice.recorder.until("onUserJoined")).toEqual(["bob", 0]);
    expect([returned, toldInside]).toEqual([[0, -2, -2], 0]);
    expect(bob.recorder.events).toEqual([["onRoomStateChanged", "room", "bob", 0, joinedInfo(JoinRoomType.First)]]);
  });

  it("V-M09 V-E10 needs a login: without one the state is -1001", async () => {
    const server = await startDialectServer();
    const engine = createEngine(server.appId, { address: server.address });
    const room = createRoom(engine);

    const returned = room.joinRoom();
    await engine.recorder.until("onRoomStateChanged");

    expect(returned).toBe(0);
    expect(engine.recorder.events).toEqual([["onRoomStateChanged", "room", "", ErrorCode.JoinRoom, ""]]);
  });

  it("V-M09 V-E10 needs a login that has succeeded: before, the state is -1001 too", async () => {
    const engine = createScriptedEngine();
    const room = createRoom(engine);

    engine.rts.login("token", "ann");
    room.joinRoom();
    await engine.clock.settle();

    expect(engine.recorder.of("onRoomStateChanged")).toEqual([["room", "ann", ErrorCode.JoinRoom, ""]]);
    expect(room.joinRoom()).toBe(0);
  });

  it("V-M10 V-C04 V-C06 leaves: the leaver hears `onLeaveRoom`, the others reason 0, and the room can be joined again", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const room = await joinRoom(alice);
    await joinRoom(bob);
    await alice.recorder.until("onUserJoined");
    alice.recorder.clear();

    const returned = [room.leaveRoom(), room.leaveRoom(), room.joinRoom()];
    await alice.recorder.until("onLeaveRoom");
    returned.push(room.leaveRoom(), room.joinRoom());
    await alice.recorder.until("onRoomStateChanged");

    expect(await bob.recorder.until("onUserLeave")).toEqual(["alice", UserOfflineReason.Quit]);
    expect(returned).toEqual([0, -3, -2, -3, 0]);
    expect(alice.recorder.names).toEqual(["onLeaveRoom", "onRoomStateChanged"]);
  });

  it("V-M10 leaves during a join, which then tells no result", async () => {
    const engine = await loginScriptedEngine();
    const { server, clock, recorder } = engine;
    const room = createRoom(engine);
    recorder.clear();

    room.joinRoom();
    room.leaveRoom();
    server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    server.stream.answer("leaveChannel");
    await clock.settle();

    expect(recorder.told).toEqual([["onLeaveRoom"]]);
  });

  it("V-C06 V-E07 tells why a user left: a logout, a loss of the link, and an operator", async () => {
    const engine = await loginScriptedEngine();
    await joinScriptedRoom(engine);
    const left = (userId: string, reason: LeaveReason) =>
      ({ $case: "memberLeft", value: { channel: "room", userId, reason } }) as const;

    engine.server.stream.events(
      left("a", LeaveReason.LEFT),
      left("b", LeaveReason.LOGGED_OUT),
      left("c", LeaveReason.CONNECTION_LOST),
      left("d", LeaveReason.TOKEN_EXPIRED),
      left("e", LeaveReason.KICKED),
      left("f", LeaveReason.BANNED),
    );
    await engine.clock.settle();

    expect(engine.recorder.of("onUserLeave")).toEqual([
      ["a", UserOfflineReason.Quit],
      ["b", UserOfflineReason.Quit],
      ["c", UserOfflineReason.Dropped],
      ["d", UserOfflineReason.Dropped],
      ["e", UserOfflineReason.KickedByAdmin],
      ["f", UserOfflineReason.KickedByAdmin],
    ]);
  });

  it("V-L04 V-E10 holds 20 rooms at once; one more is refused with -1001, and has a place when another was left", async () => {
    const server = await startDialectServer({});
    const engine = await loginEngine(server, "alice");
    const rooms = Array.from({ length: 21 }, (_, index) => createRoom(engine, `room-${index}`));

    for (const room of rooms) room.joinRoom();
    await engine.recorder.until("onRoomStateChanged", 21);
    const states = engine.recorder.of("onRoomStateChanged").map(([, , state]) => state);
    rooms[0]?.leaveRoom();
    await engine.recorder.until("onLeaveRoom");
    rooms[20]?.joinRoom();
    const [roomId, , state] = await engine.recorder.until("onRoomStateChanged", 22);

    expect(states).toEqual([...Array<number>(20).fill(0), ErrorCode.JoinRoom]);
    expect([roomId, state]).toEqual(["room-20", 0]);
  });
});
