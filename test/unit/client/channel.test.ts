import { describe, expect, it } from "vitest";
import { LeaveReason, MembershipState } from "../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { at, channelGap, createJoinedClient } from "../../support/joined-client.js";
import { channelMessage, createConnectedClient } from "../../support/scripted-client.js";

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

  it("may skip offsets: those of own messages, since the server tells gaps in words", async () => {
    const { server, told } = await createJoinedClient();

    server.stream.events(channelMessage(4), channelMessage(7));

    expect(told).toEqual(["message 4", "message 7"]);
  });

  it("go on behind an own message that follows directly", async () => {
    const { server, channel } = await createJoinedClient();

    const next = channel.send("mine");
    server.stream.answer("sendChannelMessage", at(4));
    await next;
    const behindTheFirst = channel.position?.offset;
    const later = channel.send("mine too");
    server.stream.answer("sendChannelMessage", at(6));
    await later;

    expect(behindTheFirst).toBe(4);
    expect(channel.position?.offset).toBe(4);
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

  it("sends a message from outside, if the application asks for it", async () => {
    const { client, server } = await createConnectedClient();

    void client.channel("room").send("news", { fromOutside: true });

    expect(server.stream.call("sendChannelMessage").request).toMatchObject({ channel: "room", fromOutside: true });
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
