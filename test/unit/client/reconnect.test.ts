import { describe, expect, it } from "vitest";
import { ConnectionState, GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { codeOf, createConnectedClient, peerMessage, reconnect } from "../../support/scripted-client.js";

const resumed = { start: SessionStart.RESUMED, sessionId: "session-1", resumeToken: "secret-2" };
const expired = { start: SessionStart.EXPIRED, sessionId: "session-2", resumeToken: "secret-9" };

describe("after a lost link", () => {
  it("the client comes back with the session and what it has received", async () => {
    const scripted = await createConnectedClient();
    const { client, server, transitions } = scripted;
    void client.queryPresence(["bob"]);
    server.stream.events(peerMessage("one"), peerMessage("two"));
    server.stream.answer("queryPresence");

    await reconnect(scripted);
    server.stream.welcome(resumed);

    expect(server.stream.hello.resume).toEqual({
      sessionId: "session-1",
      resumeToken: "secret-1",
      eventsReceived: 2,
      resultsReceived: 1,
    });
    expect(transitions.slice(2)).toEqual(["RECONNECTING/INTERRUPTED", "CONNECTED/LOGIN_SUCCESS"]);
  });

  it("the client tells each try to come back, counted from 1 with each loss", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const told: unknown[] = [];
    client.on("stateChanged", ({ state }) => told.push(state));
    client.on("comingBack", ({ tries }) => told.push({ tries }));

    await reconnect(scripted);
    await reconnect(scripted);
    server.stream.welcome(resumed);
    server.stream.drop();

    const { RECONNECTING, CONNECTED } = ConnectionState;
    expect(told).toEqual([RECONNECTING, { tries: 1 }, { tries: 2 }, CONNECTED, RECONNECTING, { tries: 1 }]);
  });

  it("the client uses the newest resume token", async () => {
    const scripted = await createConnectedClient();
    await reconnect(scripted);
    scripted.server.stream.welcome(resumed);

    await reconnect(scripted);

    expect(scripted.server.stream.hello.resume?.resumeToken).toBe("secret-2");
  });

  it("an event that is played again is told once", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const texts: (string | undefined)[] = [];
    client.on("peerMessage", ({ payload }) => texts.push(payload.text));
    server.stream.events(peerMessage("one"), peerMessage("two"));

    await reconnect(scripted);
    server.stream.welcome({ ...resumed, eventsAcknowledged: 1 });
    server.stream.events(peerMessage("two"), peerMessage("three"));

    expect(texts).toEqual(["one", "two", "three"]);
    expect(server.stream.acks.at(-1)).toEqual({ events: 3, results: 0 });
  });

  it("a session of which the server counts too much is given up", async () => {
    const scripted = await createConnectedClient();
    const { server, clock } = scripted;

    await reconnect(scripted);
    server.stream.welcome({ ...resumed, eventsAcknowledged: 5 });
    await clock.advance(1_000);

    expect(server.streams).toHaveLength(3);
    expect(server.stream.hello.resume).toBeUndefined();
  });

  it("a call that the server has keeps waiting, and the others are sent again in order", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const first = client.queryPresence(["one"]);
    void client.queryPresence(["two"]);
    void client.queryPresence(["three"]);
    const [firstCall] = server.stream.calls;

    await reconnect(scripted);
    server.stream.welcome({ ...resumed, callsReceived: 1 });
    const sentAgain = server.stream.calls.map(({ request }) => request?.value);
    server.stream.batch([], [{ callId: firstCall?.callId, outcome: { $case: "queryPresence", value: { presences: [] } } }]);

    expect(sentAgain).toEqual([{ userIds: ["two"] }, { userIds: ["three"] }]);
    expect(await first).toEqual([]);
  });

  it("calls are counted on from what the server has", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    void client.queryPresence(["one"]);
    void client.queryPresence(["two"]);
    await reconnect(scripted);
    server.stream.welcome({ ...resumed, callsReceived: 1 });

    await reconnect(scripted);
    server.stream.welcome({ ...resumed, callsReceived: 2 });

    expect(server.stream.calls).toEqual([]);
  });

  it("a result that was received is not taken again", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    void client.queryPresence(["one"]);
    const { callId } = server.stream.call("queryPresence");
    server.stream.answer("queryPresence");
    const second = client.memberCounts(["room"]);

    await reconnect(scripted);
    server.stream.welcome({ ...resumed, callsReceived: 2, resultsAcknowledged: 0 });
    server.stream.batch(
      [],
      [
        { callId, outcome: { $case: "queryPresence", value: {} } },
        { callId: callId + 1, outcome: { $case: "getMemberCounts", value: {} } },
      ],
    );
    await second;
    await reconnect(scripted);

    expect(server.stream.hello.resume?.resultsReceived).toBe(2);
  });

  it("a call made meanwhile waits for the link", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;

    await reconnect(scripted);
    const query = client.queryPresence(["bob"]);
    server.stream.welcome(resumed);
    server.stream.answer("queryPresence", { presences: [{ userId: "bob" }] });

    expect(await query).toMatchObject([{ userId: "bob" }]);
  });

  it("a call made meanwhile ends at its deadline and is never sent", async () => {
    const scripted = await createConnectedClient();
    const { client, server, clock } = scripted;
    await reconnect(scripted);

    const query = codeOf(client.queryPresence(["bob"], { timeoutMs: 100 }));
    await clock.advance(100);
    server.stream.welcome(resumed);

    expect(await query).toBe("TIMEOUT");
    expect(server.stream.calls).toEqual([]);
  });

  it("an older message goes before one that is sent from inside the news of the connection", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    await reconnect(scripted);
    void client.sendToPeer("bob", "first").catch(() => {});
    client.on("stateChanged", () => void client.sendToPeer("bob", "second").catch(() => {}));

    server.stream.welcome(resumed);

    const texts = server.stream.calls.map(({ request }) =>
      request?.$case === "sendPeerMessage" ? request.value.payload?.content?.value : undefined,
    );
    expect(texts).toEqual(["first", "second"]);
  });
});

describe("after a lost session", () => {
  it("calls that may be repeated are sent again with the same ids, and the others fail", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    void client.sendToPeer("bob", "hi").catch(() => {});
    const write = codeOf(client.call("clearUserAttributes", {}));
    const before = server.stream.call("sendPeerMessage").request.clientMessageId;

    await reconnect(scripted);
    server.stream.welcome(expired);

    expect(await write).toBe("NOT_CONNECTED");
    expect(server.stream.calls).toHaveLength(1);
    expect(server.stream.call("sendPeerMessage").request.clientMessageId).toBe(before);
  });

  it("nobody says that a message reached nobody which was sent in the lost session too: true-receipt", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const repeated = codeOf(client.sendToPeer("bob", "hi"));
    await reconnect(scripted);
    server.stream.welcome(expired);
    server.stream.fail("sendPeerMessage", { code: ErrorCode.PEER_UNREACHABLE });
    const fresh = codeOf(client.sendToPeer("bob", "hi again"));
    server.stream.fail("sendPeerMessage", { code: ErrorCode.PEER_UNREACHABLE });

    expect([await repeated, await fresh]).toEqual(["TIMEOUT", "PEER_UNREACHABLE"]);
  });

  it("the counts begin anew, and the application is told", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const starts: SessionStart[] = [];
    client.on("sessionStarted", ({ start }) => starts.push(start));
    server.stream.events(peerMessage("one"));

    await reconnect(scripted);
    server.stream.welcome(expired);
    await reconnect(scripted);

    expect(starts).toEqual([SessionStart.EXPIRED]);
    expect(server.stream.hello.resume).toMatchObject({ sessionId: "session-2", eventsReceived: 0 });
  });
});

describe("the back-off", () => {
  it("grows to 30 seconds and goes on for ever", async () => {
    const { server, clock } = await createConnectedClient();
    clock.chance = 0.999_999;
    const waits: number[] = [];

    for (let tries = 0; tries < 10; tries += 1) {
      const begin = clock.clock.monotonic();
      const streams = server.streams.length;
      server.stream.drop();
      while (server.streams.length === streams) await clock.advance(100);
      waits.push(clock.clock.monotonic() - begin);
    }

    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it("is full jitter: without luck there is no wait", async () => {
    const { server, clock } = await createConnectedClient();
    clock.chance = 0;

    server.stream.drop();
    await clock.advance(1);

    expect(server.streams).toHaveLength(2);
  });

  it("respects what the server asks for", async () => {
    const { server, clock } = await createConnectedClient();
    clock.chance = 0;

    server.stream.goodbye(GoodbyeReason.SERVER_DRAINING, { retryAfterMs: 5_000 });
    await clock.advance(4_999);
    const before = server.streams.length;
    await clock.advance(1);

    expect([before, server.streams.length]).toEqual([1, 2]);
  });

  it("begins anew after a link that lasted, and not after one that did not", async () => {
    const scripted = await createConnectedClient();
    const { server, clock } = scripted;
    clock.chance = 0.999_999;
    await reconnect(scripted);
    await reconnect(scripted);
    server.stream.welcome(resumed);
    server.stream.drop();
    await clock.advance(1_900);
    const afterShortLink = server.streams.length;
    await clock.advance(200);
    server.stream.welcome(resumed);
    await clock.advance(11_000);
    server.stream.drop();
    await clock.advance(500);

    expect(afterShortLink).toBe(3);
    expect(server.streams).toHaveLength(5);
  });

  it("does not wait when the server says now", async () => {
    const { server, clock } = await createConnectedClient();

    server.stream.goodbye(GoodbyeReason.SESSION_EXPIRED);
    await clock.advance(1);

    expect(server.streams).toHaveLength(2);
  });
});

describe("a goodbye", () => {
  it.each([
    [GoodbyeReason.REMOTE_LOGIN, "ABORTED/REMOTE_LOGIN"],
    [GoodbyeReason.KICKED_BY_SERVER, "ABORTED/BANNED_BY_SERVER"],
    [GoodbyeReason.BANNED_BY_SERVER, "ABORTED/BANNED_BY_SERVER"],
    [GoodbyeReason.TOKEN_EXPIRED, "ABORTED/TOKEN_EXPIRED"],
    [GoodbyeReason.PROTOCOL_ERROR, "ABORTED/LOGIN_FAILURE"],
    [GoodbyeReason.LOGOUT, "DISCONNECTED/LOGOUT"],
    [GoodbyeReason.SESSION_EXPIRED, "RECONNECTING/INTERRUPTED"],
    [GoodbyeReason.SLOW_CONSUMER, "RECONNECTING/INTERRUPTED"],
    [GoodbyeReason.SERVER_DRAINING, "RECONNECTING/INTERRUPTED"],
    [GoodbyeReason.SERVER_ERROR, "RECONNECTING/INTERRUPTED"],
    [GoodbyeReason.STREAM_REPLACED, "RECONNECTING/INTERRUPTED"],
    [GoodbyeReason.UNSPECIFIED, "RECONNECTING/INTERRUPTED"],
    [77 as GoodbyeReason, "RECONNECTING/INTERRUPTED"],
  ])("for the reason %s leads to %s", async (reason, transition) => {
    const { server, transitions } = await createConnectedClient();

    server.stream.goodbye(reason);

    expect(transitions.at(-1)).toBe(transition);
  });

  it("for good leaves a client that logs in again only after a logout", async () => {
    const { client, server, clock } = await createConnectedClient();
    server.stream.goodbye(GoodbyeReason.REMOTE_LOGIN);

    const refused = await codeOf(client.login());
    const call = await codeOf(client.queryPresence(["bob"]));
    await client.logout();
    void client.login();
    await clock.advance(1);

    expect([refused, call]).toEqual(["ALREADY_LOGGED_IN", "NOT_LOGGED_IN"]);
    expect(server.streams).toHaveLength(2);
  });
});

describe("a refused reconnection", () => {
  const refusal = (code: ErrorCode) => ({ error: { code, message: "No." } });

  it("is tried again if the error is retryable", async () => {
    const scripted = await createConnectedClient();
    await reconnect(scripted);

    scripted.server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, refusal(ErrorCode.UNAVAILABLE));
    await scripted.clock.advance(1_000);

    expect(scripted.server.streams).toHaveLength(3);
    expect(scripted.client.state).toBe(ConnectionState.RECONNECTING);
  });

  it("ends the session if the error is final", async () => {
    const scripted = await createConnectedClient();
    await reconnect(scripted);

    scripted.server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, refusal(ErrorCode.USER_BANNED));

    expect(scripted.transitions.at(-1)).toBe("ABORTED/LOGIN_FAILURE");
  });

  it("for the token says so, and asks the source for another one", async () => {
    let tokens = 0;
    const scripted = await createConnectedClient({ token: () => `token-${++tokens}` });
    const { client, server, clock } = scripted;
    const told: string[] = [];
    client.on("tokenExpired", ({ error }) => told.push(error.codeName));
    await reconnect(scripted);

    server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, refusal(ErrorCode.TOKEN_EXPIRED));
    await clock.advance(1_000);

    expect(told).toEqual(["TOKEN_EXPIRED"]);
    expect(server.stream.hello.token).toBe("token-3");
    expect(client.state).toBe(ConnectionState.RECONNECTING);
  });
});
