import { describe, expect, it } from "vitest";
import { ErrorCode as NativeErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import {
  MessageConfig,
  RoomMessageSendResult,
  UserMessageSendResult,
  UserOnlineStatus,
} from "../../../src/client/dialect/rts/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { peerMessage } from "../../support/scripted-client.js";
import {
  createEngine,
  createRoom,
  createScriptedEngine,
  joinRoom,
  loginEngine,
  loginScriptedEngine,
  type TestEngine,
} from "./support.js";

const largest = "x".repeat(64 * 1024);

/** What came to an engine's recorder by the answer to a question asked now. */
async function settled({ rts, recorder }: TestEngine): Promise<void> {
  const before = recorder.of("onGetPeerOnlineStatus").length;
  rts.getPeerOnlineStatus("nobody");
  await recorder.until("onGetPeerOnlineStatus", before + 1);
}

describe("messages to users", () => {
  it("V-M18 V-C14 V-C16 are texts with ids from 1: both sides hear of each, in order, without a room", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    alice.recorder.clear();

    const ids = ["one", "two", "drei ✓"].map((text) => alice.rts.sendMessage("bob", text, MessageConfig.ReliableOrdered));
    const toldInside = alice.recorder.told.length;
    await alice.recorder.until("onMessageSendResult", 3);

    expect([ids, toldInside]).toEqual([[1, 2, 3], 0]);
    expect(alice.recorder.told).toEqual([1, 2, 3].map((id) => ["onMessageSendResult", id, UserMessageSendResult.Success]));
    expect(bob.recorder.of("onMessageReceived")).toEqual([
      ["alice", "one"],
      ["alice", "two"],
      ["alice", "drei ✓"],
    ]);
  });

  it("V-M19 V-C15 are bytes too, in the same sequence of ids", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];

    const ids = [
      alice.rts.sendMessage("bob", "text", 0),
      alice.rts.sendBinaryMessage("bob", new Uint8Array([0, 255, 7]), 0),
      alice.rts.sendServerMessage("none"),
      alice.rts.sendServerBinaryMessage(new Uint8Array(1)),
      alice.rts.sendMessage("bob", "text", 0),
    ];
    await alice.recorder.until("onMessageSendResult", 3);

    expect(ids).toEqual([1, 2, 3, 4, 5]);
    expect(bob.recorder.of("onBinaryMessageReceived")).toEqual([["alice", new Uint8Array([0, 255, 7])]]);
    expect(bob.recorder.names.slice(-3)).toEqual(["onMessageReceived", "onBinaryMessageReceived", "onMessageReceived"]);
  });

  it("V-E04 are sent reliably and in order with each of the three configurations", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];

    for (const [name, config] of Object.entries(MessageConfig)) alice.rts.sendMessage("bob", name, config);
    await alice.recorder.until("onMessageSendResult", 3);

    expect(Object.values(MessageConfig)).toEqual([0, 1, 2]);
    expect(alice.recorder.of("onMessageSendResult")).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect(bob.recorder.of("onMessageReceived").map(([, text]) => text)).toEqual(Object.keys(MessageConfig));
  });

  it("V-M18 V-E05 return -2 without a user id, and -1 when the engine is destroyed", async () => {
    const { rts } = createEngine("app", { address: "localhost:1" });

    const returned = [rts.sendMessage("", "hi", 0), rts.sendBinaryMessage("", new Uint8Array(1), 0)];
    rts.destroyRTS();
    returned.push(rts.sendMessage("bob", "hi", 0), rts.sendBinaryMessage("bob", new Uint8Array(1), 0));

    expect(returned).toEqual([-2, -2, -1, -1]);
  });

  it("V-E05 fail with 4 for a user who is away, and are not stored", async () => {
    const server = await startDialectServer({ storeForAway: true });
    const alice = await loginEngine(server, "alice");

    alice.rts.sendMessage("bob", "hi", 0);
    const result = await alice.recorder.until("onMessageSendResult");
    const bob = await loginEngine(server, "bob");
    await settled(bob);

    expect(result).toEqual([1, UserMessageSendResult.NoRelayPath]);
    expect(bob.recorder.of("onMessageReceived")).toEqual([]);
  });

  it("V-L02 V-E05 V-E06 have 64 KiB at most, to users and rooms, texts and bytes", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const [room] = [await joinRoom(alice), await joinRoom(bob)];

    alice.rts.sendMessage("bob", largest, 0);
    alice.rts.sendMessage("bob", `${largest}x`, 0);
    alice.rts.sendBinaryMessage("bob", new Uint8Array(largest.length + 1), 0);
    room.sendRoomMessage(largest);
    room.sendRoomBinaryMessage(new Uint8Array(largest.length + 1));
    await alice.recorder.until("onMessageSendResult", 3);
    await alice.recorder.until("onRoomMessageSendResult", 2);
    await bob.recorder.until("onRoomMessageReceived");

    const results = Object.fromEntries(alice.recorder.of("onMessageSendResult"));
    expect(results).toEqual({ 1: 0, 2: UserMessageSendResult.ExceedMaxLength, 3: UserMessageSendResult.ExceedMaxLength });
    const roomResults = Object.fromEntries(alice.recorder.of("onRoomMessageSendResult"));
    expect(roomResults).toEqual({ 1: 200, 2: RoomMessageSendResult.ExceedMaxLength });
    expect(bob.recorder.of("onMessageReceived")).toEqual([["alice", largest]]);
    expect(bob.recorder.of("onRoomMessageReceived")).toEqual([["alice", largest]]);
  });

  it("V-L03 V-E05 V-E06 that come too often fail with 5; the operator says how often", async () => {
    const server = await startDialectServer({ limits: { ...defaultLimits, peerSends: 3, channelSends: 2 } });
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const [room] = [await joinRoom(alice), await joinRoom(bob)];

    for (let sent = 0; sent < 4; sent += 1) alice.rts.sendMessage("bob", "hi", 0);
    for (let sent = 0; sent < 3; sent += 1) room.sendRoomMessage("hi");
    await alice.recorder.until("onMessageSendResult", 4);
    await alice.recorder.until("onRoomMessageSendResult", 3);

    expect(Object.fromEntries(alice.recorder.of("onMessageSendResult"))).toEqual({ 1: 0, 2: 0, 3: 0, 4: 5 });
    expect(Object.fromEntries(alice.recorder.of("onRoomMessageSendResult"))).toEqual({ 1: 200, 2: 200, 3: 5 });
  });

  it("V-E05 V-E06 say why there is no way: no login, before the first connection, and while the link is away", async () => {
    const engine = createScriptedEngine();
    const { rts, recorder, server, clock } = engine;
    const room = createRoom(engine);
    const sendAll = async () => {
      rts.sendMessage("bob", "hi", 0);
      rts.sendMessage("a b", "hi", 0);
      room.sendRoomMessage("hi");
      await clock.settle();
    };

    await sendAll();
    rts.login("token", "ann");
    await sendAll();
    await clock.advance(1);
    server.stream.welcome();
    await clock.settle();
    await sendAll();
    const calls = server.stream.calls.length;
    server.stream.drop();
    await sendAll();

    const { NotLogin, EmptyUser, Init, NoConnection } = UserMessageSendResult;
    expect(recorder.of("onMessageSendResult").map(([, code]) => code)).toEqual([
      ...[NotLogin, NotLogin],
      ...[Init, EmptyUser],
      ...[EmptyUser],
      ...[NoConnection, EmptyUser],
    ]);
    expect(recorder.of("onRoomMessageSendResult").map(([, code]) => code)).toEqual(
      Array(4).fill(RoomMessageSendResult.NotJoin),
    );
    expect(calls).toBe(1);
  });

  it.each([
    [NativeErrorCode.TIMEOUT, UserMessageSendResult.Timeout],
    [NativeErrorCode.PEER_UNREACHABLE, UserMessageSendResult.NoRelayPath],
    [NativeErrorCode.RATE_LIMITED, UserMessageSendResult.ExceedQPS],
    [NativeErrorCode.PAYLOAD_TOO_LARGE, UserMessageSendResult.ExceedMaxLength],
    [NativeErrorCode.INTERNAL, UserMessageSendResult.Unknown],
    [NativeErrorCode.UNAVAILABLE, UserMessageSendResult.Unknown],
    [NativeErrorCode.NOT_AUTHORIZED, UserMessageSendResult.Unknown],
  ])("V-E05 of the error %i is %i", async (code, result) => {
    const { rts, recorder, server, clock } = await loginScriptedEngine();
    rts.sendMessage("bob", "hi", 0);

    server.stream.fail("sendPeerMessage", { code });
    await clock.settle();

    expect(recorder.of("onMessageSendResult")).toEqual([[1, result]]);
  });

  it("V-E05 V-E06 is 1 after 10 s without an answer, and 2 if the session ends first", async () => {
    const engine = await loginScriptedEngine();
    const { rts, recorder, server, clock } = engine;
    const room = createRoom(engine);
    room.joinRoom();
    server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 } });
    await clock.settle();

    rts.sendMessage("bob", "late", 0);
    room.sendRoomMessage("late");
    await clock.advance(5_000);
    server.stream.events(peerMessage("a sign of life"));
    await clock.advance(5_000);
    rts.sendMessage("bob", "lost", 0);
    room.sendRoomMessage("lost");
    rts.logout();
    server.stream.answer("logout");
    server.stream.drop(undefined);
    await clock.settle();

    expect(recorder.of("onMessageSendResult")).toEqual([
      [1, UserMessageSendResult.Timeout],
      [2, UserMessageSendResult.NetworkDisconnected],
    ]);
    expect(recorder.of("onRoomMessageSendResult")).toEqual([
      [1, RoomMessageSendResult.Timeout],
      [2, RoomMessageSendResult.NetworkDisconnected],
    ]);
  });

  it("V-C16 V-C14 come in the order of the server: a result before a message that came in one batch after it", async () => {
    const { rts, recorder, server, clock } = await loginScriptedEngine();
    rts.sendMessage("bob", "hi", 0);
    recorder.clear();

    const result = server.stream.resultOf("sendPeerMessage", { outcome: DeliveryOutcome.DELIVERED }, 1);
    server.stream.batch([peerMessage("before"), peerMessage("after")], [result]);
    await clock.settle();

    expect(recorder.told).toEqual([
      ["onMessageReceived", "bob", "before"],
      ["onMessageSendResult", 1, 0],
      ["onMessageReceived", "bob", "after"],
    ]);
  });
});

describe("asking whether a user is there", () => {
  it("V-M17 V-C13 V-E03 tells 1 and 0, also of oneself", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];

    for (const uid of ["bob", "alice", "carol"]) alice.rts.getPeerOnlineStatus(uid);
    await alice.recorder.until("onGetPeerOnlineStatus", 3);
    bob.rts.logout();
    await bob.recorder.until("onLogout");
    alice.rts.getPeerOnlineStatus("bob");
    await alice.recorder.until("onGetPeerOnlineStatus", 4);

    expect(alice.recorder.of("onGetPeerOnlineStatus")).toEqual([
      ["bob", UserOnlineStatus.Online],
      ["alice", UserOnlineStatus.Online],
      ["carol", UserOnlineStatus.Offline],
      ["bob", UserOnlineStatus.Offline],
    ]);
  });

  it("V-E03 V-C13 is 2 for a user who is silent, for a query that failed, and without a login", async () => {
    const { rts, recorder, server, clock } = await loginScriptedEngine();

    rts.getPeerOnlineStatus("bob");
    server.stream.answer("queryPresence", {
      presences: [{ userId: "bob", state: PresenceState.UNREACHABLE, version: 1 }],
    });
    await clock.settle();
    rts.getPeerOnlineStatus("carol");
    server.stream.fail("queryPresence", { code: NativeErrorCode.RATE_LIMITED });
    await clock.settle();
    const other = createScriptedEngine();
    other.rts.getPeerOnlineStatus("dave");
    await other.clock.settle();

    expect(recorder.of("onGetPeerOnlineStatus")).toEqual([
      ["bob", UserOnlineStatus.Unreachable],
      ["carol", UserOnlineStatus.Unreachable],
    ]);
    expect(other.recorder.told).toEqual([["onGetPeerOnlineStatus", "dave", UserOnlineStatus.Unreachable]]);
  });
});
