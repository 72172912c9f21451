import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { createUser, joinUsers, loginUser, settled } from "./users.js";

describe("the channel", () => {
  it("S-M18 S-C16 S-C19 S-C21 a join tells the channel, the users, and each attribute; the others hear of the user", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");
    alice.api.channelSetAttr("room", "topic", "tea");
    alice.api.channelSetAttr("room", "mood", "calm");
    await alice.heard.until("onChannelAttrUpdated", 2);
    alice.heard.clear();
    const bob = await loginUser(server, "bob");

    bob.api.channelJoin("room");
    await bob.heard.until("onChannelAttrUpdated", 2);
    await alice.heard.until("onChannelUserJoined");

    expect(bob.heard.told).toEqual([
      ["onChannelJoined", "room"],
      ["onChannelUserList", ["bob", "alice"], [0, 0]],
      ["onChannelAttrUpdated", "room", "topic", "tea", "update"],
      ["onChannelAttrUpdated", "room", "mood", "calm", "update"],
    ]);
    expect(alice.heard.told).toEqual([["onChannelUserJoined", "bob", 0]]);
  });

  it("S-M18 joining the present channel again tells it again, and the others nothing", async () => {
    const server = await startDialectServer();
    const [alice, bob] = await joinUsers(server, "room", "alice", "bob");

    bob.api.channelJoin("room");
    await bob.heard.until("onChannelJoined");
    bob.api.messageChannelSend("room", "hello", "1");
    await alice.heard.until("onMessageChannelReceive");

    expect(bob.heard.names.slice(0, 1)).toEqual(["onChannelJoined"]);
    expect(alice.heard.names).toEqual(["onMessageChannelReceive"]);
  });

  it("S-M18 S-L07 S-C18 S-C20 joining another channel leaves the first", async () => {
    const server = await startDialectServer();
    const [alice, bob] = await joinUsers(server, "first", "alice", "bob");

    bob.api.channelJoin("second");
    await bob.heard.until("onChannelUserList");
    await alice.heard.until("onChannelUserLeaved");
    alice.api.channelQueryUserIsIn("first", "bob");
    alice.api.channelQueryUserIsIn("second", "bob");
    await alice.heard.until("onChannelQueryUserIsIn", 2);

    expect(bob.heard.told).toEqual([
      ["onChannelLeaved", "first", AgoraEcode.LEAVECHANNEL_E_BYUSER],
      ["onChannelJoined", "second"],
      ["onChannelUserList", ["bob"], [0]],
    ]);
    expect(alice.heard.told).toEqual([
      ["onChannelUserLeaved", "bob", 0],
      ["onChannelQueryUserIsIn", "first", "bob", 0],
      ["onChannelQueryUserIsIn", "second", "bob", 1],
    ]);
  });

  it("S-M18 S-M19 joins and leaves without a wait are done one after another", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");

    alice.api.channelJoin("first");
    alice.api.channelJoin("second");
    alice.api.channelLeave("second");
    alice.api.channelJoin("second");
    await alice.heard.until("onChannelJoined", 3);

    expect(alice.heard.told.filter(([name]) => name !== "onChannelUserList")).toEqual([
      ["onChannelJoined", "first"],
      ["onChannelLeaved", "first", 602],
      ["onChannelJoined", "second"],
      ["onChannelLeaved", "second", 602],
      ["onChannelJoined", "second"],
    ]);
  });

  it("S-M19 S-C18 S-C20 a leave tells 602, and the others hear of it", async () => {
    const server = await startDialectServer();
    const [alice, bob] = await joinUsers(server, "room", "alice", "bob");

    bob.api.channelLeave("room");
    await bob.heard.until("onChannelLeaved");
    await alice.heard.until("onChannelUserLeaved");

    expect(bob.heard.told).toEqual([["onChannelLeaved", "room", 602]]);
    expect(alice.heard.told).toEqual([["onChannelUserLeaved", "bob", 0]]);
  });

  it("S-M19 leaving a channel in which the user is not tells 602 at once", async () => {
    const nobody = createUser(await startDialectServer());

    nobody.api.channelLeave("room");

    expect(await nobody.heard.until("onChannelLeaved")).toEqual(["room", AgoraEcode.LEAVECHANNEL_E_BYUSER]);
  });

  it("S-C17 S-L02 a join fails with 1003 without a login, and with 1004 for a wrong channel id", async () => {
    const server = await startDialectServer();
    const [alice, nobody] = [await loginUser(server, "alice"), createUser(server)];

    nobody.api.channelJoin("room");
    await nobody.heard.until("onChannelJoinFailed");
    for (const channelID of ["", "a".repeat(129), "line\nend"]) alice.api.channelJoin(channelID);
    await alice.heard.until("onChannelJoinFailed", 3);

    expect(nobody.heard.told).toEqual([["onChannelJoinFailed", "room", AgoraEcode.GENERAL_E_NOT_LOGIN]]);
    expect(alice.heard.of("onChannelJoinFailed").map(([, ecode]) => ecode)).toEqual([1004, 1004, 1004]);
  });

  it("S-L02 a channel id may have 128 bytes", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");

    alice.api.channelJoin("é".repeat(64));

    expect(await alice.heard.until("onChannelJoined")).toEqual(["é".repeat(64)]);
  });

  it("S-C17 a join that the token does not allow, or that comes too often, fails with 300", async () => {
    const server = await startDialectServer();
    const { api, heard } = createUser(server);
    api.login(server.appId, "alice", await server.token("alice", { rights: { join: ["open-*"] } }), 0, "");
    await heard.until("onLoginSuccess");

    api.channelJoin("closed");
    for (let joins = 0; joins < 3; joins += 1) {
      api.channelJoin("open-1");
      api.channelLeave("open-1");
    }
    await heard.until("onChannelLeaved", 3);

    expect(heard.of("onChannelJoinFailed")).toEqual([
      ["closed", AgoraEcode.JOINCHANNEL_E_OTHER],
      ["open-1", AgoraEcode.JOINCHANNEL_E_OTHER],
    ]);
  });

  it("S-L08 S-C21 the list has the latest 200 users", async () => {
    const server = await startDialectServer();
    for (let place = 0; place < 205; place += 1) {
      const member = await server.login(`member-${place}`);
      await server.ask(member, {
        $case: "joinChannel",
        value: {
          channel: "room",
          exclusive: false,
          receiveOwnMessages: false,
          recoverFrom: undefined,
          businessId: "",
          include: [],
        },
      });
    }
    const alice = await loginUser(server, "alice");

    alice.api.channelJoin("room");
    const [accounts, uids] = (await alice.heard.until("onChannelUserList")) as [string[], number[]];

    expect(accounts).toHaveLength(200);
    expect(uids).toEqual(accounts.map(() => 0));
    expect(accounts.slice(0, 2)).toEqual(["alice", "member-204"]);
    expect(accounts).not.toContain("member-5");
  });
});

describe("messages in the channel", () => {
  it("S-M25 S-C12 S-C15 all members and the sender hear a message", async () => {
    const server = await startDialectServer();
    const [alice, bob, carol] = await joinUsers(server, "room", "alice", "bob", "carol");

    alice.api.messageChannelSend("room", "hello", "one");
    alice.api.messageChannelSend("room", "again", "two");
    for (const { heard } of [alice, bob, carol]) await heard.until("onMessageChannelReceive", 2);
    await alice.heard.until("onMessageSendSuccess", 2);

    const messages = [
      ["room", "alice", 0, "hello"],
      ["room", "alice", 0, "again"],
    ];
    expect(alice.heard.of("onMessageSendSuccess")).toEqual([["one"], ["two"]]);
    for (const { heard } of [alice, bob, carol]) expect(heard.of("onMessageChannelReceive")).toEqual(messages);
    expect(bob.heard.names).not.toContain("onMessageSendSuccess");
  });

  it("S-M25 S-C13 a sender who is not in the channel gets 400", async () => {
    const server = await startDialectServer();
    const [[bob], alice] = [await joinUsers(server, "room", "bob"), await loginUser(server, "alice")];

    alice.api.messageChannelSend("room", "hello", "one");
    await alice.heard.until("onMessageSendError");
    await settled(bob, "bob");

    expect(alice.heard.told).toEqual([["onMessageSendError", "one", AgoraEcode.SENDMESSAGE_E_OTHER]]);
    expect(bob.heard.names).not.toContain("onMessageChannelReceive");
  });

  it("S-M26 a message from outside reaches the members if the token allows it, else it fails with 400", async () => {
    const server = await startDialectServer();
    const [bob] = await joinUsers(server, "room", "bob");
    const [robot, alice] = [createUser(server), await loginUser(server, "alice")];
    const token = await server.token("robot", { rights: { sendFromOutside: ["room"] } });
    robot.api.login(server.appId, "robot", token, 0, "");
    await robot.heard.until("onLoginSuccess");

    robot.api.messageChannelSendForce("room", "news", "one");
    alice.api.messageChannelSendForce("room", "gossip", "two");
    await bob.heard.until("onMessageChannelReceive");
    await robot.heard.until("onMessageSendSuccess");
    await alice.heard.until("onMessageSendError");

    expect(bob.heard.told).toEqual([["onMessageChannelReceive", "room", "robot", 0, "news"]]);
    expect(robot.heard.names).toEqual(["onLoginSuccess", "onMessageSendSuccess"]);
    expect(alice.heard.told).toEqual([["onMessageSendError", "two", AgoraEcode.SENDMESSAGE_E_OTHER]]);
  });

  it("S-L04 a channel message may have 8 KiB, and fails with 1005 beyond", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");

    alice.api.messageChannelSend("room", "a".repeat(8_192), "fits");
    alice.api.messageChannelSend("room", "é".repeat(4_097), "too long");
    await alice.heard.until("onMessageSendSuccess");
    await alice.heard.until("onMessageSendError");

    expect(alice.heard.of("onMessageSendSuccess")).toEqual([["fits"]]);
    expect(alice.heard.of("onMessageSendError")).toEqual([["too long", AgoraEcode.GENERAL_E_LARGE_PARAM]]);
  });

  it("S-L06 a sender over the rate gets 400", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");
    const { channelSends } = defaultLimits;

    for (let place = 1; place <= channelSends + 5; place += 1) alice.api.messageChannelSend("room", "hello", `${place}`);
    await alice.heard.until("onMessageSendError", 5);
    await alice.heard.until("onMessageSendSuccess", channelSends);

    const errors = Array.from({ length: 5 }, (_, place) => [`${channelSends + 1 + place}`, AgoraEcode.SENDMESSAGE_E_OTHER]);
    expect(alice.heard.of("onMessageSendError")).toEqual(errors);
  });

  it("S-C15 messages of bytes are left out, with a line of the log", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");
    const bob = await server.login("bob");
    const join = { channel: "room", exclusive: false, receiveOwnMessages: false, recoverFrom: undefined, businessId: "" };
    await server.ask(bob, { $case: "joinChannel", value: { ...join, include: [] } });

    const payload = { content: { $case: "binary" as const, value: new Uint8Array([1]) }, description: "" };
    const message = { channel: "room", payload, clientMessageId: "", fromOutside: false };
    await server.ask(bob, { $case: "sendChannelMessage", value: message });
    alice.api.messageChannelSend("room", "after", "1");
    await alice.heard.until("onMessageChannelReceive");

    expect(alice.heard.of("onMessageChannelReceive")).toEqual([["room", "alice", 0, "after"]]);
    expect(alice.log).toEqual([expect.stringContaining('in "room" was left out')]);
  });
});
