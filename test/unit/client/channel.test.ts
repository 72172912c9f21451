import { describe, expect, it } from "vitest";
import { type ChannelGap, JoinInclude, LeaveReason, MembershipState, Recovery } from "../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { membershipStates } from "../../../gen/aldis/v1/tables/states.js";
import type { Channel } from "../../../src/client/channel/channel.js";
import type { JoinOptions } from "../../../src/client/channel/member.js";
import {
  channelMessage,
  codeOf,
  createConnectedClient,
  createScriptedClient,
  reconnect,
  type ScriptedClient,
} from "../../support/scripted-client.js";

const expired = { start: SessionStart.EXPIRED, sessionId: "session-2" };
const at = (offset: number, epoch = "e1") => ({ position: { epoch, offset } });

const channelGap = (gap: Partial<ChannelGap>) => ({
  $case: "channelGap" as const,
  value: { channel: "room", gap: undefined, position: undefined, membersChanged: false, ...gap },
});

interface Joined extends ScriptedClient {
  readonly channel: Channel;
  /** What the channel told, for example "message 4" or "JOINED". */
  readonly told: string[];
}

/** A client in the channel "room", at offset 3. */
async function createJoinedClient(options: JoinOptions = {}): Promise<Joined> {
  const scripted = await createConnectedClient();
  const channel = scripted.client.channel("room");
  const told: string[] = [];
  const join = channel.join(options);
  scripted.server.stream.answer("joinChannel", at(3));
  await join;
  channel.on("stateChanged", ({ state }) => told.push(membershipStates[state].name));
  channel.on("message", ({ offset }) => told.push(`message ${offset}`));
  channel.on("gap", ({ firstOffset, lastOffset }) => told.push(`gap ${firstOffset}-${lastOffset}`));
  channel.on("left", ({ reason, error }) => told.push(`left ${reason} ${error?.codeName ?? ""}`.trim()));
  channel.on("rejoined", ({ recoveredMessages }) => told.push(`rejoined ${recoveredMessages}`));
  return { ...scripted, channel, told };
}

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

describe("the events of a joined channel", () => {
  it("are told to its listeners", async () => {
    const { server, channel } = await createJoinedClient();
    const told: unknown[] = [];
    channel.on("message", (event) => told.push(event));
    channel.on("memberJoined", (event) => told.push(event));
    channel.on("memberLeft", (event) => told.push(event));
    channel.on("memberCount", (event) => told.push(event));

    server.stream.events(
      channelMessage(4),
      { $case: "memberJoined", value: { channel: "room", userId: "cy" } },
      { $case: "memberLeft", value: { channel: "room", userId: "cy", reason: LeaveReason.LEFT } },
      { $case: "memberCount", value: { channel: "room", memberCount: 5 } },
    );

    expect(told).toEqual([
      { sender: "bob", payload: { text: "m4", description: "" }, serverTimeMs: 1, offset: 4, own: false },
      { userId: "cy" },
      { userId: "cy", reason: LeaveReason.LEFT },
      { memberCount: 5 },
    ]);
    expect(channel.position).toEqual({ epoch: "e1", offset: 4 });
  });

  it("are not told twice", async () => {
    const { server, told } = await createJoinedClient();

    server.stream.events(channelMessage(4), channelMessage(4), channelMessage(3), channelMessage(5));

    expect(told).toEqual(["message 4", "message 5"]);
  });

  it("say what is missing when an offset skips ahead", async () => {
    const { server, told } = await createJoinedClient();

    server.stream.events(channelMessage(4), channelMessage(7));

    expect(told).toEqual(["message 4", "gap 5-6", "message 7"]);
  });

  it("have no gap where an own message is", async () => {
    const { server, channel, told } = await createJoinedClient();

    const send = channel.send("mine");
    server.stream.answer("sendChannelMessage", at(4));
    await send;
    void channel.send("under way").catch(() => {});
    server.stream.events(channelMessage(6));

    expect(told).toEqual(["message 6"]);
  });

  it("have a gap where an own message should have come", async () => {
    const { server, channel, told } = await createJoinedClient({ receiveOwnMessages: true });

    const send = channel.send("mine");
    server.stream.answer("sendChannelMessage", at(4));
    await send;
    server.stream.events(channelMessage(5));

    expect(told).toEqual(["gap 4-4", "message 5"]);
  });

  it("mark an own message", async () => {
    const { server, channel } = await createJoinedClient({ receiveOwnMessages: true });
    const own: boolean[] = [];
    channel.on("message", (message) => own.push(message.own));

    server.stream.events(channelMessage(4, { sender: "ann" }));

    expect(own).toEqual([true]);
  });

  it("go on where the server says that a gap ends", async () => {
    const { server, channel, told } = await createJoinedClient();

    server.stream.events(
      channelGap({ gap: { firstOffset: 4, lastOffset: 9 }, ...at(9) }),
      channelMessage(10),
      channelGap({ gap: { firstOffset: 0, lastOffset: 0 }, ...at(0, "e2") }),
      channelMessage(1),
    );

    expect(told).toEqual(["gap 4-9", "message 10", "gap 0-0", "message 1"]);
    expect(channel.position).toEqual({ epoch: "e2", offset: 1 });
  });

  it("say that notices of members are missing, which is no gap", async () => {
    const { server, channel, told } = await createJoinedClient();
    let changes = 0;
    channel.on("membersChanged", () => {
      changes += 1;
    });

    server.stream.events(channelGap({ membersChanged: true, ...at(4) }), channelMessage(4));

    expect(changes).toBe(1);
    expect(told).toEqual(["message 4"]);
  });

  it("end when the server takes the session out", async () => {
    const { server, channel, told } = await createJoinedClient();

    server.stream.events({ $case: "channelLeft", value: { channel: "room", reason: LeaveReason.KICKED } }, channelMessage(4));

    expect(told).toEqual(["NOT_JOINED", `left ${LeaveReason.KICKED}`]);
    expect(channel.state).toBe(MembershipState.NOT_JOINED);
  });

  it("end with the session", async () => {
    const { client, server, told } = await createJoinedClient();

    server.stream.goodbye(GoodbyeReason.REMOTE_LOGIN);
    await client.logout();

    expect(told).toEqual(["NOT_JOINED", `left ${LeaveReason.REMOTE_LOGIN}`]);
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

describe("a channel", () => {
  it("is the same object each time", async () => {
    const { client } = await createConnectedClient();

    expect(client.channel("room")).toBe(client.channel("room"));
    expect(client.channel("room")).not.toBe(client.channel("hall"));
  });

  it("sends a message with an id of its own", async () => {
    const { server, channel } = await createJoinedClient();

    const send = channel.send({ text: "hi", description: "greeting" });
    server.stream.answer("sendChannelMessage", { ...at(4), messageId: "m", serverTimeMs: 2 });

    expect(await send).toEqual({ ...at(4), messageId: "m", serverTimeMs: 2 });
    expect(server.stream.call("sendChannelMessage").request).toMatchObject({ channel: "room", clientMessageId: "id-1" });
  });

  it("lists its members", async () => {
    const { server, channel } = await createJoinedClient();

    const members = channel.members({ max: 2 });
    server.stream.answer("listMembers", { members: ["ann", "bob"], memberCount: 9 });

    expect(await members).toEqual({ members: ["ann", "bob"], memberCount: 9 });
    expect(server.stream.call("listMembers").request).toMatchObject({ channel: "room", maxMembers: 2 });
  });

  it("reads its history", async () => {
    const { server, channel } = await createJoinedClient();
    const message = { channel: "room", sender: "ann", serverTimeMs: 1, offset: 2 };

    const history = channel.history({ from: { epoch: "e1", offset: 3 }, backward: true, max: 1 });
    server.stream.answer("getChannelHistory", { messages: [message], head: { epoch: "e1", offset: 3 }, more: true });

    expect(await history).toMatchObject({ messages: [{ offset: 2, own: true }], head: { offset: 3 }, more: true });
    expect(server.stream.call("getChannelHistory").request).toMatchObject({ backward: true, maxMessages: 1 });
  });
});
