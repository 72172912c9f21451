import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode as NativeErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import packageJson from "../../../package.json" with { type: "json" };
import { configure, LoginErrorCode, LogoutReason, RTS } from "../../../src/client/dialect/rts/index.js";
import { startDialectServer, whenFinished } from "../../support/dialect-server.js";
import {
  createEngine,
  createScriptedEngine,
  joinRoom,
  loginEngine,
  loginScriptedEngine,
  nextTry,
  RtsRecorder,
} from "./support.js";

const elapsed = expect.any(Number);

describe("an engine", () => {
  it("V-M01 is a new one each time, with users of their own; an empty app id makes none", async () => {
    const server = await startDialectServer();

    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    alice.rts.sendMessage("bob", "hi", 0);
    await bob.recorder.until("onMessageReceived");

    expect(alice.rts).not.toBe(bob.rts);
    expect(alice.recorder.of("onMessageReceived")).toEqual([]);
    expect(RTS.createRTS("", null)).toBeNull();
  });

  it("V-M01 takes the parameters of `configure` where it gets none, so that its calls stay as they were", async () => {
    const server = await startDialectServer();
    configure({ address: server.address });
    whenFinished(() => configure({}));
    const recorder = new RtsRecorder();

    const rts = RTS.createRTS(server.appId, recorder.delegate);
    whenFinished(() => rts?.destroyRTS());
    rts?.login(await server.token("alice"), "alice");

    expect(await recorder.until("onLoginResult")).toEqual(["alice", 0, elapsed]);
  });

  it("V-M02 leaves its rooms and logs out when it is destroyed, tells nothing more, and takes no call", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const [room] = [await joinRoom(alice), await joinRoom(bob)];
    await alice.recorder.until("onUserJoined");
    const token = await server.token("alice");
    alice.recorder.clear();

    alice.rts.destroyRTS();
    await bob.recorder.until("onUserLeave");
    bob.rts.getPeerOnlineStatus("alice");

    expect(await bob.recorder.until("onGetPeerOnlineStatus")).toEqual(["alice", 0]);
    expect([alice.rts.login(token, "alice"), alice.rts.sendMessage("bob", "hi", 0), alice.rts.sendServerMessage("hi")]).toEqual(
      [-3, -1, -1],
    );
    expect([alice.rts.createRoom("other"), alice.rts.setBusinessId("a")]).toEqual([null, -1]);
    expect([room.joinRoom(), room.leaveRoom(), room.sendRoomMessage("hi")]).toEqual([-3, -3, -1]);
    expect(alice.recorder.told).toEqual([]);
  });

  it("V-M03 tells the version of the package", () => {
    const { rts } = createEngine("app", {});

    expect(rts.getSdkVersion()).toBe(packageJson.version);
  });

  it("V-M05 goes another way from the next login on, and does not mind keys that it does not know", async () => {
    const server = await startDialectServer();
    const { rts, recorder } = createEngine(server.appId, { address: "localhost:1" });

    rts.setRuntimeParameters({ address: server.address, ...{ unknown: 1 } });
    rts.login(await server.token("alice"), "alice");

    expect(await recorder.until("onLoginResult")).toEqual(["alice", 0, elapsed]);
  });
});

describe("a login", () => {
  it("V-M13 V-C10 tells its result and how long it took, and nothing to others", async () => {
    const server = await startDialectServer();
    const bob = await loginEngine(server, "bob");
    const alice = createEngine(server.appId, { address: server.address });

    const returned = alice.rts.login(await server.token("alice"), "alice");
    const toldInside = alice.recorder.told.length;
    const [uid, code, ms] = await alice.recorder.until("onLoginResult");

    expect([returned, toldInside, uid, code]).toEqual([0, 0, "alice", LoginErrorCode.Success]);
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(ms).toBeLessThan(20_000);
    expect(bob.recorder.names).toEqual(["onConnectionStateChanged", "onConnectionStateChanged", "onLoginResult"]);
  });

  it("V-M13 returns -1 without a user id, -2 when there is a login, and -3 when the engine is destroyed", async () => {
    const server = await startDialectServer();
    const { rts } = createEngine(server.appId, { address: server.address });
    const token = await server.token("alice");

    const returned = [rts.login(token, ""), rts.login(token, "alice"), rts.login(token, "alice")];
    rts.destroyRTS();

    expect([...returned, rts.login(token, "alice")]).toEqual([-1, 0, -2, -3]);
  });

  it("V-M14 V-C11 logs out: the rooms are left without a word, no message follows, and another user may log in", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginEngine(server, "alice"), await loginEngine(server, "bob")];
    const [room] = [await joinRoom(alice), await joinRoom(bob)];
    await alice.recorder.until("onUserJoined");
    alice.recorder.clear();

    alice.rts.logout();
    bob.rts.sendMessage("alice", "too late", 0);
    const [, leaveReason] = await bob.recorder.until("onUserLeave");
    await alice.recorder.until("onLogout");
    alice.rts.sendMessage("bob", "hi", 0);
    room.sendRoomMessage("hi");
    await alice.recorder.until("onRoomMessageSendResult");
    alice.rts.login(await server.token("carol"), "carol");
    await alice.recorder.until("onLoginResult");

    expect(leaveReason).toBe(0);
    expect(alice.recorder.events).toEqual([
      ["onLogout", LogoutReason.Logout],
      ["onMessageSendResult", 1, 105],
      ["onRoomMessageSendResult", 1, 100],
      ["onLoginResult", "carol", 0, elapsed],
    ]);
  });

  it("V-M14 directly followed by a login is a logout and a login, in this order", async () => {
    const server = await startDialectServer();
    const { rts, recorder } = await loginEngine(server, "alice");
    const token = await server.token("alice");
    recorder.clear();

    rts.logout();
    const returned = rts.login(token, "alice");
    await recorder.until("onLoginResult");

    expect(returned).toBe(0);
    expect(recorder.told).toEqual([
      ["onConnectionStateChanged", 1],
      ["onLogout", 0],
      ["onConnectionStateChanged", 2],
      ["onConnectionStateChanged", 3],
      ["onLoginResult", "alice", 0, elapsed],
    ]);
  });

  it("V-M14 during a login ends it with `onLogout` alone, before and after it has reached the server", async () => {
    const [early, late] = [createScriptedEngine(), createScriptedEngine()];
    early.rts.login("token", "ann");
    late.rts.login("token", "ann");

    early.rts.logout();
    await late.clock.advance(1);
    late.rts.logout();
    await early.clock.advance(1_000);
    await late.clock.settle();

    expect(early.server.streams).toHaveLength(0);
    expect(early.recorder.told).toEqual([["onLogout", 0]]);
    expect(late.server.stream.closed).toBe(true);
    expect(late.recorder.told).toEqual([
      ["onConnectionStateChanged", 2],
      ["onConnectionStateChanged", 1],
      ["onLogout", 0],
    ]);
  });

  it("V-E02 V-C11 of the same user elsewhere ends the older one: 1, and state 7", async () => {
    const server = await startDialectServer();
    const older = await loginEngine(server, "alice");
    older.recorder.clear();

    const newer = await loginEngine(server, "alice");
    await older.recorder.until("onLogout");

    expect(older.recorder.told).toEqual([
      ["onConnectionStateChanged", 7],
      ["onLogout", LogoutReason.DuplicateLogin],
    ]);
    expect(newer.recorder.states).toEqual([2, 3]);
    expect(older.rts.login(await server.token("bob"), "bob")).toBe(0);
  });

  it("V-M15 V-E01 that failed for its token is done again by itself with another token", async () => {
    const server = await startDialectServer();
    const { rts, recorder } = createEngine(server.appId, { address: server.address });

    rts.login("no token", "alice");
    await recorder.until("onLoginResult");
    rts.updateLoginToken(await server.token("alice"));
    await recorder.until("onLoginResult", 2);

    expect(recorder.events).toEqual([
      ["onLoginResult", "alice", LoginErrorCode.InvalidToken, elapsed],
      ["onLoginResult", "alice", LoginErrorCode.Success, elapsed],
    ]);
    expect(recorder.states).toEqual([2, 1, 2, 3]);
  });

  it("V-M15 goes on with the new token: a session that is up takes it without a word, and a bad one is only logged", async () => {
    const server = await startDialectServer();
    const warnings: string[] = [];
    const { rts, recorder } = await loginEngine(server, "alice", {
      logger: { warn: (message) => void warnings.push(message) },
    });
    recorder.clear();

    rts.updateLoginToken(await server.token("alice"));
    rts.updateLoginToken("no token");
    rts.getPeerOnlineStatus("alice");
    await recorder.until("onGetPeerOnlineStatus");

    expect(warnings).toHaveLength(1);
    expect(recorder.told).toEqual([["onGetPeerOnlineStatus", "alice", 1]]);
  });

  it("V-L05 needs a token of this user, and without one a server that allows it", async () => {
    const strict = await startDialectServer();
    const open = await startDialectServer({ allowNoToken: true });
    const results: unknown[] = [];
    for (const [server, token] of [
      [strict, await strict.token("bob")],
      [strict, ""],
      [open, ""],
    ] as const) {
      const { rts, recorder } = createEngine(server.appId, { address: server.address });
      rts.login(token, "alice");
      results.push((await recorder.until("onLoginResult"))[1]);
    }

    expect(results).toEqual([LoginErrorCode.InvalidToken, LoginErrorCode.InvalidToken, LoginErrorCode.Success]);
  });

  it("V-L05 V-C10 is refused at a reconnection whose token is over: once, until there is another token", async () => {
    const engine = await loginScriptedEngine();
    const { rts, recorder, server, clock } = engine;
    const refuse = () =>
      server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, {
        error: { code: NativeErrorCode.TOKEN_EXPIRED, message: "It is over." },
      });
    server.stream.drop();
    for (let tries = 0; tries < 3; tries += 1) {
      await nextTry(engine);
      refuse();
    }
    rts.updateLoginToken("token-2");
    await nextTry(engine);
    const shown = server.stream.hello.token;
    server.stream.welcome();
    await clock.settle();

    expect(shown).toBe("token-2");
    expect(recorder.of("onLoginResult")).toEqual([
      ["ann", LoginErrorCode.Success, elapsed],
      ["ann", LoginErrorCode.InvalidToken, 500],
    ]);
    expect(recorder.states).toEqual([2, 3, 1, 4, 5]);
  });

  it("V-C10 V-L05 tells of a refusal again when another loss of the link is followed by one", async () => {
    const engine = await loginScriptedEngine();
    const { recorder, server, clock } = engine;

    for (let losses = 0; losses < 2; losses += 1) {
      server.stream.drop();
      await nextTry(engine);
      server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, { error: { code: NativeErrorCode.TOKEN_EXPIRED, message: "No." } });
      await nextTry(engine);
      server.stream.welcome({ start: SessionStart.RESUMED });
      await clock.settle();
    }

    expect(recorder.of("onLoginResult").map(([, code]) => code)).toEqual([0, -1000, -1000]);
  });

  it("V-L01 V-E01 takes letters, digits and four signs, 1 to 128 of them; other user ids give -1002", async () => {
    const server = await startDialectServer();
    const longest = `a.B-1_@${"x".repeat(121)}`;
    const { recorder } = await loginEngine(server, longest);
    const results = ["a b", "é", "a/b", `${longest}x`].map((uid) => {
      const engine = createEngine(server.appId, { address: server.address });
      return [engine.rts.login("token", uid), engine.recorder.until("onLoginResult")] as const;
    });

    expect(recorder.of("onLoginResult")).toEqual([[longest, 0, elapsed]]);
    for (const [returned, told] of results) {
      expect(returned).toBe(0);
      expect((await told)[1]).toBe(LoginErrorCode.InvalidUserId);
    }
  });

  it("V-E01 is LoginFailed for another app", async () => {
    const server = await startDialectServer();
    const stranger = createEngine("another-app", { address: server.address });

    stranger.rts.login(await server.token("alice"), "alice");

    expect((await stranger.recorder.until("onLoginResult"))[1]).toBe(LoginErrorCode.LoginFailed);
  });

  it("V-E01 is ServerError for a fault of the server", async () => {
    const { rts, recorder, server, clock } = createScriptedEngine();
    rts.login("token", "ann");
    await clock.advance(1);

    server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, { error: { code: NativeErrorCode.INTERNAL, message: "A fault." } });
    await clock.settle();

    expect(recorder.events).toEqual([["onLoginResult", "ann", LoginErrorCode.ServerError, 1]]);
  });
});
