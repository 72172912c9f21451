import {
  ChannelMemberCountError,
  ChannelMessageError,
  GetMembersError,
  JoinChannelError,
  LeaveChannelError,
  RtmChannel,
  type RtmMessage,
} from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { startManualWorld } from "./manual-world.js";
import { loginScriptedUser } from "./scripted-user.js";
import { codeOf, createUser, joinChannel, loginUser, recordChannel, thrownCode } from "./support.js";

describe("createChannel", () => {
  it("R-M18 R-T02 R-L01 makes channels before and after a login, and throws for a bad id", async () => {
    const { client } = createUser(await startDialectServer());

    const channel = client.createChannel("a room, !#$%&()+-:;<=.>?@[]^_{}|~");

    expect(channel).toBeInstanceOf(RtmChannel);
    expect(channel.channelId).toBe("a room, !#$%&()+-:;<=.>?@[]^_{}|~");
    expect(client.createChannel(channel.channelId)).not.toBe(channel);
    expect(thrownCode(() => client.createChannel(" leading space"))).toBe(0);
    for (const id of ["", "null", "a".repeat(65), "a/b", 'a"b', "ä", undefined, 7]) {
      expect(thrownCode(() => client.createChannel(id as string))).toBe(JoinChannelError.INVALID_ARGUMENT);
    }
  });
});

describe("join and leave", () => {
  it("R-M19 R-M20 R-C07 R-C08 R-C09 R-T07 are told to the other members, without the client as an argument", async () => {
    const server = await startDialectServer();
    const [ann, bob, carol] = [
      await loginUser(server, "ann"),
      await loginUser(server, "bob"),
      await loginUser(server, "carol"),
    ];
    const annsRoom = await joinChannel(ann, "room");
    await annsRoom.recorder.until("MemberCountUpdated");

    const bobsRoom = await joinChannel(bob, "room");
    const carolsRoom = await joinChannel(carol, "room");
    await bobsRoom.recorder.until("MemberJoined");
    await bobsRoom.channel.leave();
    await annsRoom.recorder.until("MemberLeft");
    await carolsRoom.recorder.until("MemberCountUpdated");

    expect(annsRoom.recorder.told[0]).toEqual(["MemberCountUpdated", 1]);
    expect(annsRoom.recorder.told.filter(([name]) => name !== "MemberCountUpdated")).toEqual([
      ["MemberJoined", "bob"],
      ["MemberJoined", "carol"],
      ["MemberLeft", "bob"],
    ]);
    expect(bobsRoom.recorder.told.filter(([name]) => name !== "MemberCountUpdated")).toEqual([["MemberJoined", "carol"]]);
    expect(carolsRoom.recorder.names).not.toContain("MemberJoined");
  });

  it("R-C09 tells the number of members at most once a second, and only the latest", async () => {
    const world = await startManualWorld();
    const [ann, bob, carol] = [await world.login("ann"), await world.login("bob"), await world.login("carol")];
    const [room, bobsRoom, carolsRoom] = [ann, bob, carol].map(({ client }) => client.createChannel("room"));
    const recorder = recordChannel(room as RtmChannel);
    await world.during((room as RtmChannel).join());
    await world.pass(2_000);

    await world.during((bobsRoom as RtmChannel).join());
    await world.during((carolsRoom as RtmChannel).join());
    await world.pass(2_000);

    expect(recorder.of("MemberCountUpdated")).toEqual([[1], [3]]);
  });

  it("R-C07 R-C08 R-C09 are not told in a channel with many members, whose number is told every 3 seconds", async () => {
    const world = await startManualWorld({ memberNotices: 2 });
    const users = [await world.login("ann"), await world.login("bob"), await world.login("carol"), await world.login("dan")];
    const rooms = users.map(({ client }) => client.createChannel("room")) as [RtmChannel, RtmChannel, RtmChannel, RtmChannel];
    const recorder = recordChannel(rooms[0]);
    for (const room of rooms.slice(0, 3)) await world.during(room.join());
    await world.pass(10_000);
    recorder.clear();

    await world.during(rooms[3].join());
    await world.pass(1_000);
    await world.during(rooms[3].leave());
    await world.pass(3_500);

    expect(recorder.told).toEqual([
      ["MemberCountUpdated", 4],
      ["MemberCountUpdated", 3],
    ]);
  });

  it("R-M19 R-M20 R-E06 R-E07 can be done again, but not twice", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const [channel, same] = [client.createChannel("room"), client.createChannel("room")];

    const join = channel.join();
    expect(await codeOf(channel.join())).toBe(JoinChannelError.ALREADY_JOINED);
    await join;
    expect(await codeOf(channel.join())).toBe(JoinChannelError.ALREADY_JOINED);
    expect(await codeOf(same.join())).toBe(JoinChannelError.ALREADY_JOINED);
    expect(await codeOf(same.leave())).toBe(LeaveChannelError.NOT_IN_CHANNEL);
    await channel.leave();
    expect(await codeOf(channel.leave())).toBe(LeaveChannelError.NOT_IN_CHANNEL);
    await same.join();
    expect(await same.getMembers()).toEqual(["ann"]);
  });

  it("R-E06 R-L07 is JOIN_SAME_CHANNEL_TOO_OFTEN for the third join of a channel in 5 seconds", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const channel = client.createChannel("room");

    for (let i = 0; i < 2; i += 1) {
      await channel.join();
      await channel.leave();
    }

    expect(await codeOf(channel.join())).toBe(JoinChannelError.JOIN_SAME_CHANNEL_TOO_OFTEN);
  });

  it("R-M19 R-E06 R-L05 lets a client be in 20 channels", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const channels = Array.from({ length: 21 }, (_, i) => client.createChannel(`room ${i}`));

    const codes = await Promise.all(channels.map((channel) => codeOf(channel.join())));
    await channels[0]?.leave();

    expect(codes).toEqual([...Array(20).fill(0), JoinChannelError.EXCEED_LIMIT]);
    expect(await codeOf((channels[20] as RtmChannel).join())).toBe(0);
  });

  it("R-E06 R-L07 is TOO_OFTEN for the 51st join in 3 seconds", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");

    const codes = await Promise.all(Array.from({ length: 51 }, (_, i) => codeOf(client.createChannel(`room ${i}`).join())));

    expect(codes.at(-1)).toBe(JoinChannelError.TOO_OFTEN);
    expect(codes.slice(20, 50)).toEqual(Array(30).fill(JoinChannelError.EXCEED_LIMIT));
  });

  it("R-E06 R-E07 need a login", async () => {
    const channel = createUser(await startDialectServer()).client.createChannel("room");

    expect(await codeOf(channel.join())).toBe(JoinChannelError.USER_NOT_LOGGED_IN);
    expect(await codeOf(channel.leave())).toBe(LeaveChannelError.USER_NOT_LOGGED_IN);
  });

  it("R-C08 tells that a member left who was away for 30 seconds", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];
    const [room, bobsRoom] = [ann.client.createChannel("room"), bob.client.createChannel("room")];
    const recorder = recordChannel(room);
    await world.during(room.join());
    await world.during(bobsRoom.join());

    bob.link.cut();
    await world.pass(20_000);
    expect(recorder.of("MemberLeft")).toEqual([]);
    await world.pass(15_000);

    expect(recorder.of("MemberLeft")).toEqual([["bob"]]);
  });

  it("R-C06 R-M19 a join is resolved before what happened after it, also if both come at once", async () => {
    const { client, server } = await loginScriptedUser();
    const channel = client.createChannel("room");
    const heard: string[] = [];
    const nested = async (depth: number): Promise<void> => {
      await (depth === 0 ? channel.join() : nested(depth - 1));
    };
    const application = async (): Promise<void> => {
      await nested(6);
      channel.on("ChannelMessage", ({ text }) => heard.push(text ?? ""));
    };

    const done = application();
    const message = { channel: "room", sender: "bob", offset: 1, payload: { content: { $case: "text", value: "hello" } } };
    server.stream.batch(
      [{ $case: "channelMessage", value: { serverTimeMs: 1, ...message } } as never],
      [server.stream.resultOf("joinChannel", { memberCount: 1 })],
    );
    await done;
    await new Promise(process.nextTick);

    expect(heard).toEqual(["hello"]);
  });
});

describe("sendMessage", () => {
  it("R-M21 R-C06 R-E05 brings a message to all other members, in order, and never to the sender", async () => {
    const server = await startDialectServer();
    const rooms = [];
    for (const uid of ["ann", "bob", "carol"]) rooms.push(await joinChannel(await loginUser(server, uid), "room"));
    const [anns, bobs, carols] = rooms as [(typeof rooms)[0], (typeof rooms)[0], (typeof rooms)[0]];

    await anns.channel.sendMessage({ text: "one" });
    await anns.channel.sendMessage({ rawMessage: new Uint8Array([2]), description: "two" });
    await carols.recorder.until("ChannelMessage", 2);
    await bobs.recorder.until("ChannelMessage", 2);

    const properties = { serverReceivedTs: expect.any(Number), isOfflineMessage: false };
    expect(bobs.recorder.of("ChannelMessage")).toEqual([
      [{ text: "one", messageType: "TEXT" }, "ann", properties],
      [expect.objectContaining({ description: "two", messageType: "RAW" }), "ann", properties],
    ]);
    expect(carols.recorder.of("ChannelMessage")).toHaveLength(2);
    expect(anns.recorder.names).not.toContain("ChannelMessage");
  });

  it("R-M21 R-E05 R-L02 has the original code for each thing that can be wrong with a message", async () => {
    const ann = await loginUser(await startDialectServer(), "ann");
    const { channel } = await joinChannel(ann, "room");
    const send = (message: unknown) => codeOf(channel.sendMessage(message as RtmMessage));

    expect(await send(null)).toBe(ChannelMessageError.INVALID_MESSAGE);
    expect(await send({ text: "x".repeat(32 * 1024 + 1) })).toBe(ChannelMessageError.INVALID_MESSAGE);
    expect(await send({ text: "x".repeat(32 * 1024) })).toBe(0);
    await channel.leave();
    expect(await send({ text: "x" })).toBe(ChannelMessageError.NOT_IN_CHANNEL);
    await ann.client.logout();
    expect(await send({ text: "x" })).toBe(ChannelMessageError.USER_NOT_LOGGED_IN);
  });

  it("R-C06 brings the messages of a short break afterwards", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];
    const [room, bobsRoom] = [ann.client.createChannel("room"), bob.client.createChannel("room")];
    const recorder = recordChannel(bobsRoom);
    await world.during(room.join());
    await world.during(bobsRoom.join());

    bob.link.cut();
    for (const text of ["one", "two"]) await world.during(room.sendMessage({ text }));
    bob.link.mend();
    await world.pass(10_000);

    expect(recorder.of("ChannelMessage").map(([message]) => (message as RtmMessage).text)).toEqual(["one", "two"]);
  });
});

describe("getMembers and getChannelMemberCount", () => {
  it("R-M22 R-E08 lists the members, for members only", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const { channel } = await joinChannel(ann, "room");
    await joinChannel(bob, "room");

    expect((await channel.getMembers()).sort()).toEqual(["ann", "bob"]);
    expect(await codeOf(bob.client.createChannel("other").getMembers())).toBe(GetMembersError.NOT_IN_CHANNEL);
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(channel.getMembers())));
    expect(codes).toEqual([0, 0, 0, 0, GetMembersError.TOO_OFTEN]);
    await ann.client.logout();
    expect(await codeOf(channel.getMembers())).toBe(GetMembersError.USER_NOT_LOGGED_IN);
  });

  it("R-M22 lists random members of a channel that has more than fit", async () => {
    const world = await startManualWorld({ memberListUsers: 2 });
    const users = [await world.login("ann"), await world.login("bob"), await world.login("carol")];
    const rooms = users.map(({ client }) => client.createChannel("room"));
    for (const room of rooms) await world.during(room.join());

    const lists = new Set<string>();
    for (let i = 0; i < 30; i += 1) {
      const members = await world.during((rooms[0] as RtmChannel).getMembers());
      lists.add(members.sort().join());
      await world.pass(1_000);
    }

    expect([...lists].sort()).toEqual(["ann,bob", "ann,carol", "bob,carol"]);
  });

  it("R-M23 R-E11 R-L07 counts the members of 1 to 32 channels, once a second, for everybody", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    await joinChannel(ann, "room");
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `room ${i}`);
    const { INVALID_ARGUMENT, EXCEED_LIMIT, TOO_OFTEN, USER_NOT_LOGGED_IN } = ChannelMemberCountError;

    expect(await codeOf(ann.client.getChannelMemberCount(["a/b"]))).toBe(INVALID_ARGUMENT);
    const counts = [bob.client.getChannelMemberCount(["room", "empty"]), codeOf(bob.client.getChannelMemberCount(["room"]))];
    expect(await Promise.all(counts)).toEqual([{ room: 1, empty: 0 }, TOO_OFTEN]);
    expect(await codeOf(ann.client.getChannelMemberCount(ids(33)))).toBe(EXCEED_LIMIT);
    expect(await codeOf(createUser(server).client.getChannelMemberCount(["room"]))).toBe(USER_NOT_LOGGED_IN);
    const carol = await loginUser(server, "carol");
    expect(await codeOf(carol.client.getChannelMemberCount([]))).toBe(INVALID_ARGUMENT);
  });
});
