import { describe, expect, it } from "vitest";
import { JoinInclude, LeaveReason, MembershipState, Recovery } from "../../../gen/aldis/v1/channel.js";
import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { membershipStates } from "../../../gen/aldis/v1/tables/states.js";
import { at, createJoinedClient, expired } from "../../support/joined-client.js";
import {
  channelMessage,
  codeOf,
  createConnectedClient,
  createScriptedClient,
  reconnect,
} from "../../support/scripted-client.js";

describe("joining a channel", () => {
  it("asks the server and tells what it found", async () => {
    const { client, server } = await createConnectedClient();
    const channel = client.channel("room");

    const join = channel.join({ receiveOwnMessages: true, exclusive: true, includeMembers: true });
    const during = channel.state;
    server.stream.answer("joinChannel", { ...at(7), memberCount: 2, members: ["ann", "bob"] });

    expect(await join).toEqual({ ...at(7), memberCount: 2, members: ["ann", "bob"] });
    expect([during, channel.state]).toEqual([MembershipState.JOINING, MembershipState.JOINED]);
    expect(channel.position).toEqual({ epoch: "e1", offset: 7 });
    expect(server.stream.call("joinChannel").request).toMatchObject({
      channel: "room",
      exclusive: true,
      receiveOwnMessages: true,
      recoverFrom: undefined,
      include: [JoinInclude.MEMBERS],
    });
  });

  it("fails with the server's error", async () => {
    const { client, server } = await createConnectedClient();

    const join = codeOf(client.channel("room").join());
    server.stream.fail("joinChannel", { code: ErrorCode.TOO_MANY_CHANNELS });

    expect(await join).toBe("TOO_MANY_CHANNELS");
    expect(client.channel("room").state).toBe(MembershipState.NOT_JOINED);
  });

  it("is refused for a channel that is joined", async () => {
    const { channel } = await createJoinedClient();

    expect(await codeOf(channel.join())).toBe("ALREADY_IN_CHANNEL");
  });

  it("without a login fails, and the channel says so in order", async () => {
    const { client } = createScriptedClient();
    const told: string[] = [];
    const channel = client.channel("room");
    channel.on("stateChanged", ({ state }) => told.push(membershipStates[state].name));

    const code = await codeOf(channel.join());

    expect(code).toBe("NOT_LOGGED_IN");
    expect(told).toEqual(["JOINING", "NOT_JOINED"]);
  });

  it("from inside the news of the login is sent once", async () => {
    const { client, server, clock } = createScriptedClient();
    const channel = client.channel("room");
    const joins: Promise<unknown>[] = [];
    client.on("stateChanged", ({ state }) => {
      if (state === ConnectionState.CONNECTED) joins.push(channel.join());
    });

    void client.login();
    await clock.advance(1);
    server.stream.welcome();
    const calls = server.stream.countOf("joinChannel");
    server.stream.answer("joinChannel", at(1));
    await Promise.all(joins);

    expect(calls).toBe(1);
    expect(channel.state).toBe(MembershipState.JOINED);
  });

  it("from inside the news of a refused one is a join of its own", async () => {
    const { client, server } = await createConnectedClient();
    const channel = client.channel("room");
    const again: Promise<string>[] = [];
    channel.on("stateChanged", ({ state }) => {
      if (state === MembershipState.NOT_JOINED && again.length === 0) again.push(codeOf(channel.join()));
    });

    const first = codeOf(channel.join());
    server.stream.fail("joinChannel", { code: ErrorCode.NOT_AUTHORIZED });
    server.stream.answer("joinChannel", at(1));

    expect([await first, await again[0]]).toEqual(["NOT_AUTHORIZED", "nothing"]);
  });

  it("that is given up takes back what the server may have done", async () => {
    const { client, server, clock } = await createConnectedClient();

    const join = codeOf(client.channel("room").join({ timeoutMs: 100 }));
    await clock.advance(100);

    expect(await join).toBe("TIMEOUT");
    expect(client.channel("room").state).toBe(MembershipState.NOT_JOINED);
    expect(server.stream.countOf("leaveChannel")).toBe(1);
  });

  it("exclusively ends the other memberships", async () => {
    const { client, server, channel, told } = await createJoinedClient();

    const join = client.channel("hall").join({ exclusive: true });
    server.stream.answer("joinChannel", at(1));
    await join;

    expect(channel.state).toBe(MembershipState.NOT_JOINED);
    expect(told).toEqual(["NOT_JOINED", `left ${LeaveReason.SWITCHED}`]);
  });

  it("begins at the present again after a leave", async () => {
    const { server, channel } = await createJoinedClient();
    const leave = channel.leave();
    server.stream.answer("leaveChannel");
    await leave;

    void channel.join().catch(() => {});

    expect(server.stream.call("joinChannel").request.recoverFrom).toBeUndefined();
  });
});

describe("leaving a channel", () => {
  it("is done when the server says so", async () => {
    const { server, channel, told } = await createJoinedClient();

    const leave = channel.leave();
    server.stream.answer("leaveChannel");
    await leave;

    expect(told).toEqual(["LEAVING", "NOT_JOINED"]);
  });

  it("fails for a channel that is not joined", async () => {
    const { client } = await createConnectedClient();

    expect(await codeOf(client.channel("room").leave())).toBe("NOT_IN_CHANNEL");
  });

  it("succeeds if the server knows no membership", async () => {
    const { server, channel } = await createJoinedClient();

    const leave = codeOf(channel.leave());
    server.stream.fail("leaveChannel", { code: ErrorCode.NOT_IN_CHANNEL });

    expect(await leave).toBe("nothing");
    expect(channel.state).toBe(MembershipState.NOT_JOINED);
  });

  it("that fails is tried again until the session is out", async () => {
    const { server, clock, channel } = await createJoinedClient();

    const leave = codeOf(channel.leave());
    server.stream.fail("leaveChannel", { code: ErrorCode.UNAVAILABLE });
    const during = channel.state;
    await clock.advance(500);
    server.stream.answer("leaveChannel");

    expect(await leave).toBe("UNAVAILABLE");
    expect(during).toBe(MembershipState.LEAVING);
    expect(server.stream.countOf("leaveChannel")).toBe(2);
    expect(channel.state).toBe(MembershipState.NOT_JOINED);
  });

  it("ends the wait of its caller at the deadline", async () => {
    const { clock, channel } = await createJoinedClient();

    const leave = codeOf(channel.leave({ timeoutMs: 100 }));
    await clock.advance(100);

    expect(await leave).toBe("TIMEOUT");
    expect(channel.state).toBe(MembershipState.LEAVING);
  });

  it("during the join cancels the join", async () => {
    const { client, server } = await createConnectedClient();
    const channel = client.channel("room");

    const join = codeOf(channel.join());
    const leave = codeOf(channel.leave());
    server.stream.answer("joinChannel", at(1));
    server.stream.answer("leaveChannel");

    expect([await join, await leave]).toEqual(["CANCELED", "nothing"]);
    expect(channel.state).toBe(MembershipState.NOT_JOINED);
  });

  it("from inside the news of the join sends no join", async () => {
    const { client, server } = await createConnectedClient();
    const channel = client.channel("room");
    channel.on("stateChanged", ({ state }) => {
      if (state === MembershipState.JOINING) void channel.leave().catch(() => {});
    });

    const join = codeOf(channel.join());

    expect(await join).toBe("CANCELED");
    expect(server.stream.countOf("joinChannel")).toBe(0);
  });
});

describe("a resumed session", () => {
  it("keeps the membership without a word", async () => {
    const joined = await createJoinedClient();

    await reconnect(joined);
    joined.server.stream.welcome({ start: SessionStart.RESUMED });
    joined.server.stream.events(channelMessage(4));

    expect(joined.told).toEqual(["message 4"]);
    expect(joined.server.stream.calls).toEqual([]);
  });
});

describe("a lost session", () => {
  it("is followed by a join from where the application is", async () => {
    const joined = await createJoinedClient({ receiveOwnMessages: true, exclusive: true });
    const { server, told } = joined;
    server.stream.events(channelMessage(4));

    await reconnect(joined);
    server.stream.welcome(expired);
    const { request } = server.stream.call("joinChannel");
    server.stream.answer("joinChannel", { ...at(6), recovery: Recovery.COMPLETE, recoveredMessages: 2 });
    server.stream.events(channelMessage(5), channelMessage(6), channelMessage(7));

    expect(request).toMatchObject({ recoverFrom: { epoch: "e1", offset: 4 }, exclusive: false, receiveOwnMessages: true });
    expect(told.slice(1)).toEqual(["JOINING", "JOINED", "rejoined 2", "message 5", "message 6", "message 7"]);
  });

  it("has its gap told", async () => {
    const joined = await createJoinedClient();
    const { server, told, channel } = joined;

    await reconnect(joined);
    server.stream.welcome(expired);
    const gap = { firstOffset: 4, lastOffset: 8 };
    server.stream.answer("joinChannel", { ...at(10), recovery: Recovery.GAP, recoveredMessages: 2, gap });
    const between = channel.position;
    server.stream.events(channelMessage(9), channelMessage(10));

    expect(told).toEqual(["JOINING", "JOINED", "rejoined 2", "gap 4-8", "message 9", "message 10"]);
    expect(between).toEqual({ epoch: "e1", offset: 8 });
  });

  it("may have a new epoch, whose offsets begin anew", async () => {
    const joined = await createJoinedClient();
    const { server, told } = joined;

    await reconnect(joined);
    server.stream.welcome(expired);
    const gap = { firstOffset: 0, lastOffset: 0 };
    server.stream.answer("joinChannel", { ...at(2, "e2"), recovery: Recovery.GAP, recoveredMessages: 2, gap });
    server.stream.events(channelMessage(1), channelMessage(2));

    expect(told).toEqual(["JOINING", "JOINED", "rejoined 2", "gap 0-0", "message 1", "message 2"]);
  });

  it("tells each try to join again that fails, and takes the business id along", async () => {
    const { client, server, clock } = await createConnectedClient();
    const channel = client.channel("room");
    const join = channel.join({ businessId: "live" });
    server.stream.answer("joinChannel", at(3));
    await join;
    const told: string[] = [];
    channel.on("rejoinFailed", ({ error }) => told.push(error.codeName));
    channel.on("rejoined", () => told.push("rejoined"));

    server.stream.drop();
    await clock.advance(500);
    server.stream.welcome(expired);
    const { request } = server.stream.call("joinChannel");
    server.stream.fail("joinChannel", { code: ErrorCode.UNAVAILABLE });
    await clock.advance(500);
    server.stream.answer("joinChannel", at(3));

    expect(told).toEqual(["UNAVAILABLE", "rejoined"]);
    expect(request.businessId).toBe("live");
  });

  it("is no loss for a join that a listener begins meanwhile", async () => {
    const joined = await createJoinedClient();
    const { client, server, channel } = joined;
    channel.on("stateChanged", ({ state }) => {
      if (state === MembershipState.JOINING)
        void client
          .channel("hall")
          .join()
          .catch(() => {});
    });
    client.channel("hall");

    await reconnect(joined);
    server.stream.welcome(expired);

    expect(server.stream.calls.map(({ request }) => request?.value)).toMatchObject([{ channel: "room" }, { channel: "hall" }]);
  });

  it("sees the join before a message that waits to be sent again", async () => {
    const joined = await createJoinedClient();
    const { server, channel } = joined;
    void channel.send("hi").catch(() => {});

    await reconnect(joined);
    server.stream.welcome(expired);

    expect(server.stream.calls.map(({ request }) => request?.$case)).toEqual(["joinChannel", "sendChannelMessage"]);
  });

  it("makes a join under way begin anew, for the same promise", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const join = client.channel("room").join();

    await reconnect(scripted);
    server.stream.welcome(expired);
    server.stream.answer("joinChannel", { ...at(1), memberCount: 4 });

    expect(await join).toMatchObject({ memberCount: 4 });
  });

  it("sends a join once that was asked for while there was no link", async () => {
    const scripted = await createConnectedClient();
    const { server, client } = scripted;
    await reconnect(scripted);

    const join = client.channel("room").join();
    server.stream.welcome(expired);
    const joins = server.stream.calls.filter(({ request }) => request?.$case === "joinChannel");
    server.stream.answer("joinChannel", at(3));

    expect(joins).toHaveLength(1);
    expect(await join).toMatchObject(at(3));
  });

  it("makes a leave under way succeed", async () => {
    const joined = await createJoinedClient();
    const leave = codeOf(joined.channel.leave());

    await reconnect(joined);
    joined.server.stream.welcome(expired);
    await joined.clock.advance(60_000);

    expect(await leave).toBe("nothing");
    expect(joined.channel.state).toBe(MembershipState.NOT_JOINED);
    expect(joined.server.stream.calls).toEqual([]);
  });

  it("is joined again with patience if the server asks for it", async () => {
    const joined = await createJoinedClient();
    const { server, clock, channel } = joined;

    await reconnect(joined);
    server.stream.welcome(expired);
    server.stream.fail("joinChannel", { code: ErrorCode.RATE_LIMITED, retryAfterMs: 1_000 });
    await clock.advance(999);
    const before = server.stream.countOf("joinChannel");
    await clock.advance(500);
    server.stream.answer("joinChannel", at(3));

    expect([before, server.stream.countOf("joinChannel")]).toEqual([1, 2]);
    expect(channel.state).toBe(MembershipState.JOINED);
  });

  it("that cannot be joined again is told as left", async () => {
    const joined = await createJoinedClient();

    await reconnect(joined);
    joined.server.stream.welcome(expired);
    joined.server.stream.fail("joinChannel", { code: ErrorCode.NOT_AUTHORIZED });

    expect(joined.told).toEqual(["JOINING", "NOT_JOINED", `left ${LeaveReason.CONNECTION_LOST} NOT_AUTHORIZED`]);
  });

  it("that is lost again is joined from the same place", async () => {
    const joined = await createJoinedClient();
    await reconnect(joined);
    joined.server.stream.welcome(expired);

    await reconnect(joined);
    joined.server.stream.welcome({ ...expired, sessionId: "session-3" });

    expect(joined.server.stream.call("joinChannel").request.recoverFrom).toEqual({ epoch: "e1", offset: 3 });
  });
});
