import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { ConnectionState, UserOfflineReason } from "../../../src/client/dialect/rts/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { peerMessage } from "../../support/scripted-client.js";
import {
  BreakableTransport,
  createEngine,
  createScriptedEngine,
  joinRoom,
  loginEngine,
  loginScriptedEngine,
  nextTry,
} from "./support.js";

const { Disconnected, Connecting, Connected, Reconnecting, Reconnected, Lost, Failed } = ConnectionState;

describe("the states of the connection", () => {
  it("V-C19 V-E08 begin with 2 and 3, and end with 1 after a logout", async () => {
    const server = await startDialectServer();
    const { rts, recorder } = await loginEngine(server, "alice");

    rts.logout();
    await recorder.until("onLogout");

    expect(recorder.told).toEqual([
      ["onConnectionStateChanged", Connecting],
      ["onConnectionStateChanged", Connected],
      ["onLoginResult", "alice", 0, expect.any(Number)],
      ["onConnectionStateChanged", Disconnected],
      ["onLogout", 0],
    ]);
  });

  it("V-C19 V-E08 are 1, 4 and 5 for a short loss, in which nothing is lost and no login result comes", async () => {
    const server = await startDialectServer();
    const transport = new BreakableTransport(server.address);
    const [alice, bob] = [await loginEngine(server, "alice", { transport }), await loginEngine(server, "bob")];
    const [, bobs] = [await joinRoom(alice), await joinRoom(bob)];
    await alice.recorder.until("onUserJoined");
    alice.recorder.clear();

    transport.broken = true;
    transport.cut();
    bobs.sendRoomMessage("meanwhile");
    await bob.recorder.until("onRoomMessageSendResult");
    transport.broken = false;
    await alice.recorder.until("onRoomMessageReceived");

    expect(alice.recorder.told).toEqual([
      ["onConnectionStateChanged", Disconnected],
      ["onConnectionStateChanged", Reconnecting],
      ["onConnectionStateChanged", Reconnected],
      ["onRoomMessageReceived", "bob", "meanwhile"],
    ]);
    expect(bob.recorder.of("onUserLeave")).toEqual([]);
  });

  it("V-C03 V-C05 V-C06 V-E13 V-E07 a long loss takes the user out of the rooms for the others, and back in by itself", async () => {
    const server = await startDialectServer({ limits: { ...defaultLimits, resumeWindowMs: 100 } });
    const transport = new BreakableTransport(server.address);
    const [alice, bob] = [await loginEngine(server, "alice", { transport }), await loginEngine(server, "bob")];
    await joinRoom(bob);
    await joinRoom(alice);
    await bob.recorder.until("onUserJoined");
    alice.recorder.clear();
    bob.recorder.clear();

    transport.broken = true;
    transport.cut();
    await bob.recorder.until("onUserLeave");
    transport.broken = false;
    await alice.recorder.until("onRoomStateChanged");
    await bob.recorder.until("onUserJoined");

    expect(alice.recorder.events).toEqual([
      ["onRoomStateChanged", "room", "alice", 0, expect.stringMatching(/^{"elapsed":\d+,"join_type":1}$/)],
    ]);
    expect(bob.recorder.told).toEqual([
      ["onUserLeave", "alice", UserOfflineReason.Dropped],
      ["onUserJoined", "alice", 0],
    ]);
  });

  it("V-E08 V-C19 come to 4 when the first connection takes 10 s, and the tries go on for ever", async () => {
    const engine = createScriptedEngine();
    const { rts, recorder, server, clock } = engine;
    rts.login("token", "ann");

    for (let tries = 0; tries < 30; tries += 1) {
      await nextTry(engine);
      server.stream.drop();
    }
    const before = [...recorder.told];
    await nextTry(engine);
    server.stream.welcome();
    await clock.settle();

    expect(before).toEqual([
      ["onConnectionStateChanged", Connecting],
      ["onConnectionStateChanged", Reconnecting],
    ]);
    expect(recorder.events).toEqual([["onLoginResult", "ann", 0, clock.clock.monotonic()]]);
    expect(clock.clock.monotonic()).toBeGreaterThan(120_000);
  });

  it("V-E08 V-C19 come to 6 after 10 s without a link, then 5; a loss is noticed by silence too", async () => {
    const engine = await loginScriptedEngine();
    const { recorder, server, clock } = engine;

    await clock.advance(12_000);
    const silent = recorder.states.slice(2);
    for (let waited = 0; waited < 12_000; waited += 500) {
      server.stream.drop();
      await clock.advance(500);
    }
    await nextTry(engine);
    server.stream.welcome({ start: SessionStart.RESUMED });
    await clock.settle();

    expect(silent).toEqual([Disconnected, Reconnecting]);
    expect(recorder.states.slice(2)).toEqual([Disconnected, Reconnecting, Lost, Reconnected]);
  });

  it("V-E08 end with 7 when the session is ended from outside, and there is no other try", async () => {
    const { rts, recorder, server, clock } = await loginScriptedEngine();

    server.stream.goodbye(GoodbyeReason.BANNED_BY_SERVER);
    await clock.advance(60_000);

    expect(recorder.states).toEqual([Connecting, Connected, Failed]);
    expect(server.streams).toHaveLength(1);
    expect(rts.login("token", "ann")).toBe(0);
  });

  it("V-C14 V-M14 no message is told after the call of `logout`, also not one that has come already", async () => {
    const { rts, recorder, server, clock } = await loginScriptedEngine();

    server.stream.events(peerMessage("too late"));
    rts.logout();
    server.stream.answer("logout");
    server.stream.drop(undefined);
    await clock.settle();

    expect(recorder.events.slice(1)).toEqual([["onLogout", 0]]);
  });

  it("V-T01 V-T03 a callback that throws is logged, and the next one comes all the same", async () => {
    const warnings: string[] = [];
    const delegate = {
      onLoginResult: () => {
        throw new Error("no");
      },
    };
    const server = await startDialectServer();
    const { rts, recorder } = createEngine(
      server.appId,
      { address: server.address, logger: { warn: (message) => void warnings.push(message) } },
      delegate,
    );

    rts.login(await server.token("alice"), "alice");
    await recorder.until("onConnectionStateChanged", 2);
    rts.getPeerOnlineStatus("alice");
    await recorder.until("onGetPeerOnlineStatus");

    expect(warnings).toEqual(["A callback threw: no"]);
  });
});
