import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { WatchedEventKind } from "../../gen/aldis/v1/admin_service.js";
import { LeaveReason } from "../../gen/aldis/v1/channel.js";
import { ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
import { DeliveryOutcome } from "../../gen/aldis/v1/message.js";
import { adminOperations, adminStreams } from "../../gen/aldis/v1/tables/admin-operations.js";
import { createAdminClient, createClient } from "../../src/client/index.js";
import { codeOf, eventually, startAdminTest } from "../support/admin.js";
import { startTestServer } from "../support/test-server.js";

const dayMs = 86_400_000;
const textOf = (value: string) => ({ content: { $case: "text" as const, value } });

describe("the admin service", () => {
  it("answers each of its operations to whoever has a key, and none to others", async () => {
    const { address, call, unary, server } = await startAdminTest();
    const stranger = createAdminClient({ address, key: "x".repeat(40) });
    onTestFinished(() => stranger.close());

    for (const { path, name } of [...Object.values(adminOperations), ...Object.values(adminStreams)]) {
      const answer = await unary(path, new Uint8Array(0), {
        authorization: `Bearer ${await server.issueToken({ userId: "ann" })}`,
      });
      expect([name, answer.code]).toEqual([name, 16]);
    }
    expect(await codeOf(stranger.call("getStatistics", {}))).toBe("INVALID_TOKEN");
    expect(await codeOf(call("getStatistics"))).toBe("nothing");
    expect(await codeOf(call("getStatistics", { appId: "other" }))).toBe("INVALID_APP_ID");
    expect(await codeOf(call("kickUser", { userId: "" }))).toBe("INVALID_USER_ID");
  });

  it("is not there without a key", async () => {
    const { unary } = await startTestServer();

    expect((await unary(adminOperations.getStatistics.path, new Uint8Array(0))).code).toBe(12);
  });

  it("sends to a user and to a channel as anybody", async () => {
    const { call, user } = await startAdminTest();
    const ann = await user("ann");
    const heard: string[] = [];
    ann.on("peerMessage", ({ sender, payload }) => heard.push(`${sender}: ${payload.text}`));
    const room = ann.channel("room");
    room.on("message", ({ sender, payload }) => heard.push(`${sender} in room: ${payload.text}`));
    await room.join();

    const peer = await call("sendToPeer", { sender: "server", message: { receiver: "ann", payload: textOf("hi") } });
    const channel = await call("sendToChannel", { sender: "server", message: { channel: "room", payload: textOf("all") } });
    await eventually(() => expect(heard).toHaveLength(2));

    expect(heard.sort()).toEqual(["server in room: all", "server: hi"]);
    expect(peer.result?.outcome).toBe(DeliveryOutcome.DELIVERED);
    expect(channel.result?.position?.offset).toBe(1);
    expect(await codeOf(call("sendToPeer", { sender: "server", message: { receiver: "bob", payload: textOf("x") } }))).toBe(
      "PEER_UNREACHABLE",
    );
  });

  it("kicks a user, who may come back at once, and takes one out of a channel, which others see", async () => {
    const { call, user } = await startAdminTest();
    const [ann, bob] = [await user("ann"), await user("bob")];
    const left: string[] = [];
    bob.channel("room").on("memberLeft", ({ userId }) => left.push(userId));
    await bob.channel("room").join();
    await ann.channel("room").join();

    const fromChannel = await call("kickUser", { userId: "ann", channel: "room" });
    await eventually(() => expect(left).toEqual(["ann"]));
    const reasons: ConnectionReason[] = [];
    ann.on("stateChanged", ({ reason }) => reasons.push(reason));
    const kicked = await call("kickUser", { userId: "ann" });
    const again = await call("kickUser", { userId: "nobody" });

    expect([fromChannel, kicked, again].map(({ wasPresent }) => wasPresent)).toEqual([true, true, false]);
    await eventually(() => expect(reasons).not.toEqual([]));
    expect(await codeOf((await user("ann")).channel("room").join())).toBe("nothing");
  });

  it("bans a user everywhere: it is told, and cannot log in or call until it is unbanned", async () => {
    const { call, user, server, unary } = await startAdminTest();
    const ann = await user("ann");
    const reasons: ConnectionReason[] = [];
    ann.on("stateChanged", ({ reason }) => reasons.push(reason));
    const untilMs = Date.now() + dayMs;

    const { ban } = await call("banUser", { userId: "ann", untilMs, note: "spam" });
    await eventually(() => expect(reasons).toContain(ConnectionReason.BANNED_BY_SERVER));

    expect(ann.state).toBe(ConnectionState.ABORTED);
    expect((await call("listBans")).bans).toEqual([ban]);
    expect(ban).toMatchObject({ userId: "ann", channel: "", untilMs, note: "spam" });
    expect(await codeOf(user("ann"))).toBe("USER_BANNED");
    const authorization = `Bearer ${await server.issueToken({ userId: "ann" })}`;
    expect(
      (await unary("/aldis.v1.RealtimeService/QueryPresence", new Uint8Array(0), { authorization })).error?.message,
    ).toMatch("banned");
    expect(await call("unbanUser", { userId: "ann" })).toEqual({ wasBanned: true });
    expect(await call("unbanUser", { userId: "ann" })).toEqual({ wasBanned: false });
    expect(await codeOf(user("ann"))).toBe("nothing");
  });

  it("bans a user from a channel: its client is told, and may not join it again, but others", async () => {
    const { call, user } = await startAdminTest();
    const ann = await user("ann");
    const reasons: LeaveReason[] = [];
    ann.channel("room").on("left", ({ reason }) => reasons.push(reason));
    await ann.channel("room").join();

    await call("banUser", { userId: "ann", channel: "room" });
    await eventually(() => expect(reasons).toEqual([LeaveReason.BANNED]));

    expect(await codeOf(ann.channel("room").join())).toBe("USER_BANNED");
    expect(await codeOf(ann.channel("hall").join())).toBe("nothing");
  });

  it("refuses a ban whose time is over", async () => {
    const { call } = await startAdminTest();

    expect(await codeOf(call("banUser", { userId: "ann", untilMs: 1 }))).toBe("INVALID_ARGUMENT");
    expect((await call("listBans")).bans).toEqual([]);
  });

  it("lists bans page by page", async () => {
    const { call } = await startAdminTest();
    for (const userId of ["cid", "ann", "bob"]) await call("banUser", { userId });

    const first = await call("listBans", { page: { size: 2 } });
    const second = await call("listBans", { page: { size: 2, token: first.nextPageToken } });

    expect([first, second].map(({ bans }) => bans.map(({ userId }) => userId))).toEqual([["ann", "bob"], ["cid"]]);
    expect(second.nextPageToken).toBe("");
  });

  it("dismisses a channel: everybody is out, and its history and attributes are gone", async () => {
    const { call, user } = await startAdminTest();
    const [ann, bob] = [await user("ann"), await user("bob")];
    for (const client of [ann, bob]) await client.channel("room").join();
    const reasons: LeaveReason[] = [];
    ann.channel("room").on("left", ({ reason }) => reasons.push(reason));
    await ann.channel("room").send("hi");
    await ann.channel("room").attributes.set({ topic: "tea" });
    const before = await call("getChannel", { channel: "room" });

    const dismissed = await call("dismissChannel", { channel: "room" });

    expect(before).toMatchObject({ info: { memberCount: 2, historyMessages: 1, attributes: 1 }, members: ["ann", "bob"] });
    expect(dismissed).toEqual({ memberCount: 2 });
    expect(await codeOf(call("getChannel", { channel: "room" }))).toBe("NOT_FOUND");
    await eventually(() => expect(reasons).toEqual([LeaveReason.CHANNEL_DISMISSED]));
    expect(await codeOf(ann.channel("room").send("hi"))).toBe("NOT_IN_CHANNEL");
  });

  it("lists sessions and channels page by page, and shows one of each", async () => {
    const { call, user } = await startAdminTest();
    for (const userId of ["cid", "ann", "bob"]) {
      const client = await user(userId, { deviceLabel: `phone of ${userId}` });
      await client.channel("room").join();
      await client.channel(`room of ${userId}`).join();
    }

    const first = await call("listSessions", { page: { size: 2 } });
    const second = await call("listSessions", { page: { size: 2, token: first.nextPageToken } });
    const channels = await call("listChannels", { page: { size: 3 } });
    const rest = await call("listChannels", { page: { size: 3, token: channels.nextPageToken } });
    const members = await call("getChannel", { channel: "room", page: { size: 2 } });
    const others = await call("getChannel", { channel: "room", page: { size: 2, token: members.nextPageToken } });
    const { session } = await call("getSession", { userId: "ann" });

    expect([first, second].map(({ sessions }) => sessions.map(({ userId }) => userId))).toEqual([["ann", "bob"], ["cid"]]);
    expect([first.sessionCount, second.nextPageToken]).toEqual([3, ""]);
    expect(channels.channels.map(({ channel }) => channel)).toEqual(["room", "room of ann", "room of bob"]);
    expect([channels.channelCount, rest.channels.length, rest.nextPageToken]).toEqual([4, 1, ""]);
    expect([members.members, others.members]).toEqual([["cid", "ann"], ["bob"]]);
    expect(session).toMatchObject({ userId: "ann", deviceLabel: "phone of ann", channels: ["room", "room of ann"] });
    expect(session?.address).toMatch("127.0.0.1");
    expect(await codeOf(call("getSession", { userId: "nobody" }))).toBe("NOT_FOUND");
    expect(await codeOf(call("listSessions", { page: { token: "x" } }))).toBe("INVALID_ARGUMENT");
  });

  it("gives the figures of the server", async () => {
    const { call, user } = await startAdminTest();
    const ann = await user("ann");
    await ann.channel("room").join();

    const { nodes, channelCount } = await call("getStatistics");

    expect(channelCount).toBe(1);
    expect(nodes).toMatchObject([
      { attachedSessions: 1, detachedSessions: 0, channels: 1, waitingMessages: 0, unanswered: false },
    ]);
    expect(nodes[0]?.roundTripMicros).toBeGreaterThan(0);
    expect(nodes[0]?.residentBytes).toBeGreaterThan(1e6);
    expect(nodes[0]?.callsAnswered).toBeGreaterThan(0);
  });

  it("streams logins, logouts, joins and leaves, and goes on behind the last one", async () => {
    const { call, user, watch } = await startAdminTest();
    const first = watch();
    // The server takes the watch before it answers a later call.
    await call("getStatistics");
    const ann = await user("ann");
    await ann.channel("room").join();
    await eventually(() => expect(first.events).toHaveLength(2));
    first.stop();

    await ann.channel("room").leave();
    await ann.logout();
    const second = watch(first.events.at(-1)?.resumeToken);
    await eventually(() => expect(second.events).toHaveLength(2));
    const lost = watch("somebody-elses.1");
    await eventually(() => expect(lost.events).toHaveLength(1));

    const { LOGIN, LOGOUT, JOIN, LEAVE, GAP } = WatchedEventKind;
    expect([...first.events, ...second.events].map(({ kind, userId, channel }) => [kind, userId, channel])).toEqual([
      [LOGIN, "ann", ""],
      [JOIN, "ann", "room"],
      [LEAVE, "ann", "room"],
      [LOGOUT, "ann", ""],
    ]);
    expect(lost.events.map(({ kind }) => kind)).toEqual([GAP]);
  });

  it("issues tokens, and revokes those that were issued before", async () => {
    const { call, user, server, address } = await startAdminTest();
    const old = await server.issueToken({ userId: "ann" });
    const ann = await user("ann");
    const states: ConnectionState[] = [];
    ann.on("stateChanged", ({ state }) => states.push(state));
    const loginWith = (token: string) => {
      const client = createClient({ address, appId: server.appId, userId: "ann", token });
      onTestFinished(() => client.close());
      return codeOf(client.login());
    };

    await new Promise((resolve) => setImmediate(resolve));
    await call("revokeTokens", { userId: "ann" });
    await eventually(() => expect(states).toContain(ConnectionState.ABORTED));
    const { token, expiresAtMs } = await call("issueToken", { userId: "ann", validForMs: dayMs });

    expect(await loginWith(old)).toBe("INVALID_TOKEN");
    expect(await loginWith(token)).toBe("nothing");
    expect(expiresAtMs).toBeGreaterThan(Date.now());
    expect(await codeOf(call("issueToken", { userId: "ann", validForMs: -1 }))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(call("revokeTokens", { userId: "ann", issuedBeforeMs: Date.now() + dayMs }))).toBe("INVALID_ARGUMENT");
  });

  it("issues tokens with fewer rights", async () => {
    const { call, server, address } = await startAdminTest();
    const { token } = await call("issueToken", { userId: "ann", rights: { join: ["red-*"] } });
    const ann = createClient({ address, appId: server.appId, userId: "ann", token });
    onTestFinished(() => ann.close());
    await ann.login();

    expect(await codeOf(ann.channel("red-1").join())).toBe("nothing");
    expect(await codeOf(ann.channel("blue").join())).toBe("NOT_AUTHORIZED");
  });

  it("keeps bans and revocations over a restart", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "aldis-"));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const first = await startAdminTest({ store: "disk", dataDir });
    const old = await first.server.issueToken({ userId: "ann" });
    await first.call("banUser", { userId: "bob", note: "spam" });
    await first.call("revokeTokens", { userId: "ann" });
    await first.server.close();

    const { call, user, server, address } = await startAdminTest({ store: "disk", dataDir });
    const ann = createClient({ address, appId: server.appId, userId: "ann", token: old });
    onTestFinished(() => ann.close());

    expect(await codeOf(user("bob"))).toBe("USER_BANNED");
    expect((await call("listBans")).bans).toMatchObject([{ userId: "bob", note: "spam" }]);
    expect(await codeOf(ann.login())).toBe("INVALID_TOKEN");
    expect(await codeOf(user("ann"))).toBe("nothing");
  });
});

describe("a trace", () => {
  const stepsOf = ({ steps }: { readonly steps: readonly { readonly text: string }[] }) => steps.map(({ text }) => text);

  it("tells why a message was delivered, stored or refused", async () => {
    const { call, user } = await startAdminTest();
    const [ann] = [await user("ann"), await user("bob")];
    const delivered = await ann.sendToPeer("bob", "hi");
    const stored = await ann.sendToPeer("cid", "hi", { storeIfAway: true });
    await user("cid");

    const first = await call("traceMessage", { subject: { $case: "messageId", value: delivered.messageId } });
    await eventually(async () => {
      const second = await call("traceMessage", { subject: { $case: "messageId", value: stored.messageId } });
      expect(stepsOf(second)).toEqual([
        'user "ann" sends it to user "cid"',
        "the receiver has no session, and it may be stored",
        "it is stored in the receiver's inbox",
        "the receiver's client has acknowledged it, and it leaves the inbox",
      ]);
    });

    expect(stepsOf(first)[0]).toBe('user "ann" sends it to user "bob"');
    expect(stepsOf(first).at(-1)).toBe("the receiver's session says that the client has acknowledged it");
    expect(JSON.stringify(first)).not.toContain('hi"');
  });

  it("tells why a call did not ring", async () => {
    const { call, user } = await startAdminTest();
    const ann = await user("ann");
    const invitation = ann.invitations.invite("bob", { channel: "room" });
    await invitation.send();
    await invitation.cancel();

    await eventually(async () => {
      const { id: invitationId } = invitation;
      const { steps } = await call("traceMessage", { subject: { $case: "invitationId", value: invitationId } });
      expect(stepsOf({ steps })).toEqual(
        expect.arrayContaining([
          'user "ann" calls user "bob"',
          'user "bob" has no session, and is not told that it is SENT',
          'CANCEL by user "ann" makes it CANCELED',
        ]),
      );
    });
  });

  it("tells of a user's logins, also of those that were refused", async () => {
    const { call, user } = await startAdminTest();
    const ann = await user("ann");
    await ann.logout();
    await call("banUser", { userId: "ann" });
    await codeOf(user("ann"));

    const steps = stepsOf(await call("traceMessage", { subject: { $case: "userId", value: "ann" } }));

    expect(steps).toEqual([
      "a new session begins",
      "the session ends: LOGOUT",
      "an operator bans the user from the server",
      "a login is refused: USER_BANNED, the user is banned here",
    ]);
  });
});
