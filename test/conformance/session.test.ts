import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { defaultLimits, limitTable } from "../../gen/aldis/v1/tables/limits.js";
import { answer, checkMembership, join, logout, only, queryPresence } from "../support/requests.js";
import { startTestNode, testApp, testToken } from "../support/test-node.js";

describe("the welcome", () => {
  it("tells each limit once, with the value in force", async () => {
    const { login } = await startTestNode({ messageBytes: 1234 });

    const { limits } = (await login("alice")).welcome;

    const told = Object.values(limitTable).map(({ limit }) => limit);
    expect(limits.map(({ limit }) => limit).sort()).toEqual(told.sort());
    expect(limits).toContainEqual({ limit: limitTable.messageBytes.limit, value: 1234, windowMs: 0 });
    expect(limits).toContainEqual({ limit: limitTable.peerSends.limit, value: defaultLimits.peerSends, windowMs: 3000 });
  });

  it("begins a new session with an id and a secret of its own", async () => {
    const { login, runtime } = await startTestNode();

    const [alice, bob] = [(await login("alice")).welcome, (await login("bob")).welcome];

    expect(alice).toMatchObject({ start: SessionStart.NEW, callsReceived: 0, eventsAcknowledged: 0, resultsAcknowledged: 0 });
    expect(alice).toMatchObject({ protocolRevision: 1, tokenExpiresAtMs: 0, serverTimeMs: runtime.clock.now() });
    expect(new Set([alice.sessionId, bob.sessionId, alice.resumeToken, bob.resumeToken]).size).toBe(4);
    expect(Buffer.from(alice.sessionId, "base64url")).toHaveLength(16);
  });
});

describe("one-session", () => {
  it("the newest login wins, and the older one is told REMOTE_LOGIN and leaves its channels", async () => {
    const { login, ask, runtime } = await startTestNode();
    const [older, bob] = [await login("alice"), await login("bob")];
    await ask(bob, join("room"));
    await ask(older, join("room"));

    const newer = await login("alice");
    await runtime.settle();

    expect(older.goodbye).toMatchObject({ reason: GoodbyeReason.REMOTE_LOGIN });
    expect(older.closed).toBe(true);
    expect(newer.goodbye).toBeUndefined();
    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "alice", reason: LeaveReason.REMOTE_LOGIN }]);
    const presences = answer(await ask(bob, queryPresence("alice")), "queryPresence").presences;
    expect(presences).toMatchObject([{ state: PresenceState.ONLINE }]);
  });

  it("of logins that race exactly one is left", async () => {
    const { connect, runtime, node } = await startTestNode({ logins: 10 });
    const clients = Array.from({ length: 5 }, () => connect());

    for (const client of clients) client.hello({ appId: testApp, userId: "alice", token: testToken("alice") });
    await runtime.advanceAsync(2_000);

    const [last, ...others] = [...clients].reverse();
    expect(last?.closed).toBe(false);
    expect(others.map((client) => client.goodbye?.reason)).toEqual(others.map(() => GoodbyeReason.REMOTE_LOGIN));
    expect((await node.metrics.text()).text).toContain("aldis_sessions 1");
  });

  it("a join of the older session that races with the newer login leaves no ghost in the channel", async () => {
    for (let ahead = 0; ahead < 20; ahead += 1) {
      const { login, ask, runtime, connect } = await startTestNode();
      const [alice, bob, newer] = [await login("alice"), await login("bob"), connect()];

      newer.hello({ appId: testApp, userId: "alice", token: testToken("alice") });
      for (let step = 0; step < ahead; step += 1) await Promise.resolve();
      alice.call(join("room"));
      await runtime.settle();

      expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.REMOTE_LOGIN });
      expect(answer(await ask(bob, checkMembership("room", "alice")), "checkMembership").isMember).toBe(false);
      expect(answer(await ask(bob, join("room")), "joinChannel").memberCount).toBe(1);
    }
  });

  it("a third login within a second is refused with the time to wait, and the session before lives on", async () => {
    const { login, runtime } = await startTestNode();
    await login("alice");
    await runtime.advanceAsync(400);
    const second = await login("alice");

    const third = await login("alice");

    expect(third.goodbye).toMatchObject({ reason: GoodbyeReason.LOGIN_REFUSED, retryAfterMs: 600 });
    expect(third.goodbye?.error).toMatchObject({ code: ErrorCode.RATE_LIMITED, limit: "LIMIT_LOGINS", retryAfterMs: 600 });
    expect(second.closed).toBe(false);
  });
});

describe("a logout", () => {
  it("is answered, then comes a goodbye, and the user is out of its channels and offline", async () => {
    const { login, ask } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];
    await ask(bob, join("room"));
    await ask(alice, join("room"));

    const outcome = await ask(alice, logout());

    expect(outcome).toEqual({ $case: "logout", value: {} });
    const last = alice.frames.slice(-2).map((frame) => frame.control?.$case ?? frame.results[0]?.outcome?.$case);
    expect(last).toEqual(["logout", "goodbye"]);
    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.LOGOUT });
    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "alice", reason: LeaveReason.LOGGED_OUT }]);
    expect(answer(await ask(bob, queryPresence("alice")), "queryPresence").presences).toMatchObject([
      { state: PresenceState.OFFLINE },
    ]);
  });

  it("has made the user offline and left its channels when its answer comes", async () => {
    const { login, ask, node } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];
    await ask(bob, join("room"));
    await ask(alice, join("room"));
    const credentials = { authorization: [`Bearer ${testToken("alice")}`], sessionId: [alice.welcome.sessionId] };

    await node.unaryCalls.take("logout", new Uint8Array(0), credentials);
    const outcome = ask(bob, queryPresence("alice"));
    const membership = ask(bob, checkMembership("room", "alice"));

    expect(answer(await outcome, "queryPresence").presences).toMatchObject([{ state: PresenceState.OFFLINE }]);
    expect(answer(await membership, "checkMembership").isMember).toBe(false);
  });

  it("right behind a join leaves nothing in the channel", async () => {
    const { login, ask, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    alice.call(join("room"));
    alice.call(logout());
    await runtime.settle();

    expect(answer(await ask(bob, checkMembership("room", "alice")), "checkMembership").isMember).toBe(false);
    expect(answer(await ask(bob, join("room")), "joinChannel").memberCount).toBe(1);
  });

  it("right before a join leaves nothing in the channel", async () => {
    const { login, ask, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    alice.call(logout());
    alice.call(join("room"));
    await runtime.settle();

    expect(answer(await ask(bob, checkMembership("room", "alice")), "checkMembership").isMember).toBe(false);
  });
});

describe("heartbeats and silence", () => {
  it("a ping is answered by a pong with its nonce and the server's time", async () => {
    const { login, runtime } = await startTestNode();
    const alice = await login("alice");

    alice.ping(77);
    await runtime.settle();

    expect(alice.controls.at(-1)).toEqual({ $case: "pong", value: { nonce: 77, serverTimeMs: runtime.clock.now() } });
  });

  it("a link without a hello ends after the hello's time", async () => {
    const { connect, runtime } = await startTestNode();
    const stranger = connect();

    await runtime.advanceAsync(defaultLimits.helloTimeoutMs - 1);
    expect(stranger.closed).toBe(false);
    await runtime.advanceAsync(1);

    expect(stranger.goodbye).toMatchObject({ reason: GoodbyeReason.PROTOCOL_ERROR, error: { code: ErrorCode.TIMEOUT } });
    expect(stranger.closed).toBe(true);
  });

  it("a link that is silent for 15 s is dropped, and one with heartbeats is not", async () => {
    const { login, pass } = await startTestNode();
    const [silent, lively] = [await login("alice"), await login("bob")];

    await pass(defaultLimits.silenceTimeoutMs - 1, lively);
    expect(silent.closed).toBe(false);
    await pass(1_001, lively);

    expect(silent.goodbye).toMatchObject({ reason: GoodbyeReason.STREAM_REPLACED });
    expect(silent.closed).toBe(true);
    expect(lively.closed).toBe(false);
  });
});

describe("a drain", () => {
  it("tells each client, and says SERVER_DRAINING at the deadline to who is left", async () => {
    const { login, node, runtime } = await startTestNode();
    const alice = await login("alice");

    const drained = node.sessions.drain();
    await runtime.settle();
    expect(alice.controls.at(-1)).toEqual({ $case: "drain", value: { deadlineMs: 10_000, spreadMs: 5_000 } });
    await runtime.advanceAsync(defaultLimits.drainMs - 1);
    expect(alice.closed).toBe(false);
    await runtime.advanceAsync(1_000);
    await drained;

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.SERVER_DRAINING });
    expect(alice.closed).toBe(true);
  });

  it("is over early when all clients have gone", async () => {
    const { login, node, runtime } = await startTestNode();
    const alice = await login("alice");
    const startedAt = runtime.clock.monotonic();

    const drained = node.sessions.drain().then(() => runtime.clock.monotonic() - startedAt);
    alice.cut();
    await runtime.advanceAsync(1_000);

    expect(await Promise.race([drained, Promise.resolve("not over")])).toBeLessThanOrEqual(300);
  });

  it("lets nobody in any more", async () => {
    const { login, node, runtime, ask } = await startTestNode();
    const alice = await login("alice");
    void node.sessions.drain();
    await runtime.settle();

    const bob = await login("bob");

    expect(bob.goodbye).toMatchObject({ reason: GoodbyeReason.LOGIN_REFUSED, error: { code: ErrorCode.UNAVAILABLE } });
    expect(await ask(alice, queryPresence("alice"))).toMatchObject({ $case: "queryPresence" });
  });
});
