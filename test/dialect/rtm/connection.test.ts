import { LoginError, PeerMessageError, RenewTokenError } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { manualStartMs } from "../../support/manual-runtime.js";
import { testToken } from "../../support/test-node.js";
import { startManualWorld } from "./manual-world.js";
import { loginScriptedUser } from "./scripted-user.js";
import { codeOf, record, recordChannel } from "./support.js";

describe("a link that is lost", () => {
  it("R-C03 R-E17 R-E18 is told after 4 seconds, and told when it is back", async () => {
    const world = await startManualWorld();
    const { client, link, recorder } = await world.login("ann");

    link.cut();
    await world.pass(3_999);
    const early = [...recorder.told];
    await world.pass(1);
    const later = [...recorder.told];
    link.mend();
    await world.pass(20_000);

    expect(early).toEqual([]);
    expect(later).toEqual([["ConnectionStateChanged", "RECONNECTING", "INTERRUPTED"]]);
    expect(recorder.told.slice(1)).toEqual([["ConnectionStateChanged", "CONNECTED", "LOGIN_SUCCESS"]]);
    expect(client.connectionState).toBe("CONNECTED");
  });

  it("R-C03 is not told if it is back within 4 seconds", async () => {
    const world = await startManualWorld();
    const { client, link, recorder } = await world.login("ann");

    link.cut();
    await world.pass(100);
    link.mend();
    await world.pass(10_000);

    expect(recorder.told).toEqual([]);
    expect(await world.during(client.queryPeersOnlineStatus(["ann"]))).toEqual({ ann: true });
  });

  it("R-M04 R-E18 can be given up by a logout", async () => {
    const world = await startManualWorld();
    const { client, link, recorder } = await world.login("ann");

    link.cut();
    await world.pass(5_000);
    await world.during(client.logout());

    expect(recorder.told.at(-1)).toEqual(["ConnectionStateChanged", "DISCONNECTED", "LOGOUT"]);
  });

  it("R-M10 R-E04 keeps a send waiting for 10 seconds", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];

    ann.link.cut();
    const sent = world.during(ann.client.sendMessageToPeer({ text: "in time" }, "bob"));
    await world.pass(3_000);
    ann.link.mend();
    expect(await sent).toMatchObject({ hasPeerReceived: true });
    expect(bob.recorder.of("MessageFromPeer")).toHaveLength(1);

    ann.link.cut();
    const lost = codeOf(ann.client.sendMessageToPeer({ text: "too late" }, "bob"));
    await world.pass(10_000);
    expect(await lost).toBe(PeerMessageError.SENT_TIMEOUT);
  });

  it("R-M10 R-E04 gives a peer 10 seconds to take a message", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];

    bob.link.cut();
    const sent = codeOf(ann.client.sendMessageToPeer({ text: "are you there?" }, "bob"));
    await world.pass(10_000);

    expect(await sent).toBe(PeerMessageError.SENT_TIMEOUT);
  });

  it("R-M12 R-C07 R-C08 brings channels, attributes and subscriptions back after more than 30 seconds", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];
    const [room, other] = [ann.client.createChannel("room"), bob.client.createChannel("room")];
    const heard = recordChannel(other);
    await world.during(room.join());
    await world.during(other.join());
    await world.during(ann.client.setLocalUserAttributes({ mood: "calm" }));
    await world.during(ann.client.subscribePeersOnlineStatus(["bob"]));
    ann.recorder.clear();

    ann.link.cut();
    await world.pass(60_000);
    expect(heard.of("MemberLeft")).toEqual([["ann"]]);
    expect(await world.during(codeOf(bob.client.getUserAttributes("ann")))).toBe(6);
    ann.link.mend();
    await world.pass(60_000);

    expect(heard.of("MemberJoined")).toEqual([["ann"]]);
    expect(await world.during(bob.client.getUserAttributes("ann"))).toEqual({ mood: "calm" });
    expect(ann.recorder.of("ConnectionStateChanged")).toEqual([
      ["RECONNECTING", "INTERRUPTED"],
      ["CONNECTED", "LOGIN_SUCCESS"],
    ]);
    await world.during(bob.client.logout());
    await world.pass(1_000);
    expect(ann.recorder.of("PeersOnlineStatusChanged")).toEqual([[{ bob: "OFFLINE" }]]);
  });
});

describe("a login", () => {
  it("R-M03 R-E01 R-E18 is given up after 6 seconds", async () => {
    const world = await startManualWorld();
    const { client, link, recorder } = world.createUser();

    link.cut();
    const login = codeOf(client.login({ uid: "ann", token: testToken("ann") }));
    await world.pass(5_999);
    expect(client.connectionState).toBe("CONNECTING");
    await world.pass(1);

    expect(await login).toBe(LoginError.TIMEOUT);
    expect(recorder.told.at(-1)).toEqual(["ConnectionStateChanged", "DISCONNECTED", "LOGIN_TIMEOUT"]);
  });

  it("R-E01 R-E18 is refused with TOKEN_EXPIRED for a token that is too old", async () => {
    const world = await startManualWorld();
    const { client, recorder } = world.createUser();

    const code = await world.during(codeOf(client.login({ uid: "ann", token: testToken("ann", manualStartMs - 1) })));

    expect(code).toBe(LoginError.TOKEN_EXPIRED);
    expect(recorder.told.at(-1)).toEqual(["ConnectionStateChanged", "DISCONNECTED", "LOGIN_FAILURE"]);
  });
});

describe("a token", () => {
  it("R-C05 R-M05 R-E03 tells once that it has expired, and 30 seconds before; the session goes on", async () => {
    const world = await startManualWorld();
    const { client, recorder } = await world.login("ann", testToken("ann", manualStartMs + 60_000));

    await world.pass(35_000);
    expect(recorder.told).toEqual([["TokenPrivilegeWillExpire"]]);
    await world.pass(60_000);
    expect(recorder.told).toEqual([["TokenPrivilegeWillExpire"], ["TokenExpired"]]);
    expect(client.connectionState).toBe("CONNECTED");

    expect(await world.during(codeOf(client.renewToken("wrong")))).toBe(RenewTokenError.INVALID_TOKEN);
    expect(await world.during(codeOf(client.renewToken(testToken("ann", 1))))).toBe(RenewTokenError.TOKEN_EXPIRED);
    expect(await world.during(codeOf(client.renewToken("")))).toBe(RenewTokenError.INVALID_ARGUMENT);
    await world.pass(2_000);
    const expiresAtMs = world.node.runtime.clock.now() + 90_000;
    await world.during(client.renewToken(testToken("ann", expiresAtMs)));
    await world.pass(100_000);
    expect(recorder.of("TokenExpired")).toHaveLength(2);
  });

  it("R-M05 R-E03 R-L07 can be renewed twice a second, and only after a login", async () => {
    const world = await startManualWorld();
    const token = testToken("ann", manualStartMs + 600_000);
    expect(await codeOf(world.createUser().client.renewToken(token))).toBe(RenewTokenError.USER_NOT_LOGGED_IN);
    const { client } = await world.login("ann", token);

    const codes = await world.during(Promise.all([1, 2, 3].map(() => codeOf(client.renewToken(token)))));

    expect(codes).toEqual([0, 0, RenewTokenError.TOO_OFTEN]);
  });

  it("R-C05 R-M05 that a reconnect is refused for is told once, and renewing it lets the reconnect go on", async () => {
    const world = await startManualWorld();
    const { client, link, recorder } = await world.login("ann", testToken("ann", manualStartMs + 40_000));

    link.cut();
    await world.pass(60_000);
    link.mend();
    await world.pass(60_000);
    expect(recorder.of("TokenExpired")).toHaveLength(1);
    expect(client.connectionState).toBe("RECONNECTING");
    const renewal = codeOf(client.renewToken(testToken("ann")));
    await world.pass(60_000);
    await renewal;

    expect(client.connectionState).toBe("CONNECTED");
  });

  it("R-E18 ends the session at once where the server is strict", async () => {
    const world = await startManualWorld({ tokenGraceMs: 0 });
    const { recorder } = await world.login("ann", testToken("ann", manualStartMs + 40_000));

    await world.pass(50_000);

    expect(recorder.of("ConnectionStateChanged")).toEqual([["ABORTED", "TOKEN_EXPIRED"]]);
  });
});

describe("a session that the server ends", () => {
  it.each([
    [GoodbyeReason.REMOTE_LOGIN, "REMOTE_LOGIN"],
    [GoodbyeReason.KICKED_BY_SERVER, "BANNED_BY_SERVER"],
    [GoodbyeReason.BANNED_BY_SERVER, "BANNED_BY_SERVER"],
    [GoodbyeReason.TOKEN_EXPIRED, "TOKEN_EXPIRED"],
  ])("R-E17 R-E18 is ABORTED after the goodbye %s, with the reason %s, until the logout", async (goodbye, reason) => {
    const { client, server } = await loginScriptedUser();
    const recorder = record(client);

    server.stream.goodbye(goodbye);
    await client.logout();

    expect(recorder.told).toEqual([
      ["ConnectionStateChanged", "ABORTED", reason],
      ["ConnectionStateChanged", "DISCONNECTED", "LOGOUT"],
    ]);
  });

  it.each([
    GoodbyeReason.SLOW_CONSUMER,
    GoodbyeReason.SERVER_DRAINING,
    GoodbyeReason.SESSION_EXPIRED,
    GoodbyeReason.SERVER_ERROR,
  ])("R-E18 is INTERRUPTED after the goodbye %s, and the client comes back", async (goodbye) => {
    const { client, server, clock } = await loginScriptedUser();
    const recorder = record(client);

    server.stream.goodbye(goodbye);
    await clock.advance(4_000);
    server.stream.welcome();
    await clock.settle();

    expect(recorder.told).toEqual([
      ["ConnectionStateChanged", "RECONNECTING", "INTERRUPTED"],
      ["ConnectionStateChanged", "CONNECTED", "LOGIN_SUCCESS"],
    ]);
  });
});
