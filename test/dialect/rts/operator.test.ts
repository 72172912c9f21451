// What an operator does to users and rooms of a real server.
import { describe, expect, it } from "vitest";
import { ErrorCode, LoginErrorCode, LogoutReason, UserOfflineReason } from "../../../src/client/dialect/rts/index.js";
import { startAdminTest } from "../../support/admin.js";
import { createEngine, joinRoom, loginEngine } from "./support.js";

/** A server whose operator the test is, and two users in a room. */
async function startRoom() {
  const test = await startAdminTest();
  const server = {
    ...test,
    appId: test.server.appId,
    token: (userId: string) => test.server.issueToken({ userId }),
  };
  const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
  const room = await joinRoom(alice);
  await joinRoom(bob);
  await alice.recorder.until("onUserJoined");
  alice.recorder.clear();
  bob.recorder.clear();
  return { ...server, alice, bob, room };
}

describe("an operator", () => {
  it("V-E10 V-E07 V-C06 takes a user out of a room: -1006 there, and reason 3 for the others; the user may come back", async () => {
    const { call, alice, bob, room } = await startRoom();

    await call("kickUser", { userId: "alice", channel: "room" });
    await bob.recorder.until("onUserLeave");
    await alice.recorder.until("onRoomStateChanged");
    const returned = room.joinRoom();
    const [, , state] = await alice.recorder.until("onRoomStateChanged", 2);

    expect(bob.recorder.of("onUserLeave")).toEqual([["alice", UserOfflineReason.KickedByAdmin]]);
    expect(alice.recorder.of("onRoomStateChanged")[0]).toEqual(["room", "alice", ErrorCode.KickedOut, ""]);
    expect([returned, state]).toEqual([0, 0]);
    expect(alice.recorder.of("onLogout")).toEqual([]);
  });

  it("V-E10 V-E02 V-E08 ends a user's session: state 7, logout reason 0 and -1006", async () => {
    const { call, alice, bob } = await startRoom();

    await call("kickUser", { userId: "alice" });
    await alice.recorder.until("onRoomStateChanged");

    expect(alice.recorder.told).toEqual([
      ["onConnectionStateChanged", 7],
      ["onLogout", LogoutReason.Logout],
      ["onRoomStateChanged", "room", "alice", ErrorCode.KickedOut, ""],
    ]);
    expect((await bob.recorder.until("onUserLeave"))[0]).toBe("alice");
  });

  it("V-E10 bans a user from a room: the next join is refused with -1026", async () => {
    const { call, alice, room } = await startRoom();

    await call("banUser", { userId: "alice", channel: "room" });
    await alice.recorder.until("onRoomStateChanged");
    room.joinRoom();
    await alice.recorder.until("onRoomStateChanged", 2);

    const states = alice.recorder.of("onRoomStateChanged").map(([, , state]) => state);
    expect(states).toEqual([ErrorCode.KickedOut, ErrorCode.JoinRoomUserForbidden]);
  });

  it("V-E01 bans a user everywhere: the next login fails with -1001", async () => {
    const { call, alice, address, appId, token } = await startRoom();

    await call("banUser", { userId: "alice" });
    await alice.recorder.until("onLogout");
    const again = createEngine(appId, { address });
    again.rts.login(await token("alice"), "alice");

    expect((await again.recorder.until("onLoginResult"))[1]).toBe(LoginErrorCode.LoginFailed);
  });

  it("V-E10 dismisses a room: -1011 for all who are in it, and a new room may begin", async () => {
    const { call, alice, bob, room } = await startRoom();

    await call("dismissChannel", { channel: "room" });
    await alice.recorder.until("onRoomStateChanged");
    await bob.recorder.until("onRoomStateChanged");
    room.joinRoom();
    const [, , state] = await alice.recorder.until("onRoomStateChanged", 2);

    for (const [uid, { recorder }] of Object.entries({ alice, bob })) {
      expect(recorder.of("onRoomStateChanged")[0]).toEqual(["room", uid, ErrorCode.RoomDismiss, ""]);
    }
    expect(state).toBe(0);
  });

  it("V-C14 V-C07 sends to users and rooms, who hear it as from any user", async () => {
    const { call, alice, bob } = await startRoom();
    const payload = { content: { $case: "text" as const, value: "from the house" } };

    await call("sendToPeer", { sender: "server", message: { receiver: "alice", payload } });
    await call("sendToChannel", { sender: "server", message: { channel: "room", payload } });

    expect(await alice.recorder.until("onMessageReceived")).toEqual(["server", "from the house"]);
    expect(await bob.recorder.until("onRoomMessageReceived")).toEqual(["server", "from the house"]);
  });
});
