import { describe, expect, it } from "vitest";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { type ManualServer, startManualServer } from "./manual-server.js";
import type { User } from "./users.js";

/** Users in a channel, with nothing told yet. */
async function startRoom(...accounts: string[]): Promise<{ server: ManualServer; users: User[]; alice: User }> {
  const server = await startManualServer();
  const users: User[] = [];
  for (const account of accounts) {
    const user = await server.loginUser(account);
    user.api.channelJoin("room");
    await server.advance(1_000);
    users.push(user);
  }
  for (const { heard } of users) heard.clear();
  return { server, users, alice: users[0] ?? server.createUser() };
}

/** Sets an attribute, and forgets what was told of it. */
async function set(server: ManualServer, { api, heard }: User, name: string, value: string): Promise<void> {
  api.channelSetAttr("room", name, value);
  await server.advance(200);
  heard.clear();
}

describe("built-in attributes", () => {
  it("S-A01 _userNotification 0 silences joins and leaves", async () => {
    const { server, alice } = await startRoom("alice");
    const bob = await server.loginUser("bob");

    await set(server, alice, "_userNotification", "0");
    bob.api.channelJoin("room");
    await server.advance(1_000);
    bob.api.channelLeave("room");
    await server.advance(1_000);
    expect(alice.heard.told).toEqual([]);
    await set(server, alice, "_userNotification", "1");
    bob.api.channelJoin("room");
    await server.advance(6_000);

    expect(alice.heard.told).toEqual([["onChannelUserJoined", "bob", 0]]);
  });

  it("S-A02 _channel_ttl is how long an empty channel keeps its attributes", async () => {
    const { server, alice } = await startRoom("alice");
    await set(server, alice, "_channel_ttl", "60");
    await set(server, alice, "topic", "tea");

    alice.api.channelLeave("room");
    await server.advance(50_000);
    alice.api.channelJoin("room");
    await server.advance(1_000);
    expect(alice.heard.told).toContainEqual(["onChannelAttrUpdated", "room", "topic", "tea", "update"]);
    alice.heard.clear();
    alice.api.channelLeave("room");
    await server.advance(70_000);
    alice.api.channelJoin("room");
    await server.advance(1_000);

    expect(alice.heard.names).toEqual(["onChannelLeaved", "onChannelJoined", "onChannelUserList"]);
  });

  it("S-A03 S-A04 _auto_update_num makes the server keep _member_num, and tell it only when somebody came or went", async () => {
    const { server, alice } = await startRoom("alice");
    await set(server, alice, "_auto_update_num", "5");
    await server.advance(10_000);
    alice.heard.clear();

    const bob = await server.loginUser("bob");
    bob.api.channelJoin("room");
    await server.advance(10_000);
    expect(alice.heard.of("onChannelAttrUpdated")).toEqual([["room", "_member_num", "2", "update"]]);
    await server.advance(20_000);
    expect(alice.heard.of("onChannelAttrUpdated")).toHaveLength(1);
    bob.api.channelLeave("room");
    await server.advance(10_000);

    expect(alice.heard.of("onChannelAttrUpdated").at(-1)).toEqual(["room", "_member_num", "1", "update"]);
  });

  it("S-A04 by default nothing is counted", async () => {
    const { server, alice } = await startRoom("alice");
    const bob = await server.loginUser("bob");

    bob.api.channelJoin("room");
    await server.advance(30_000);

    expect(alice.heard.names).toEqual(["onChannelUserJoined"]);
  });

  it("S-A05 S-A06 with _auto_update_total_num the server counts the joins in _total_member_num", async () => {
    const { server, alice } = await startRoom("alice");
    await set(server, alice, "_auto_update_num", "5");
    await set(server, alice, "_auto_update_total_num", "5");
    await server.advance(10_000);
    alice.heard.clear();

    const bob = await server.loginUser("bob");
    for (let joins = 0; joins < 2; joins += 1) {
      bob.api.channelJoin("room");
      await server.advance(10_000);
      bob.api.channelLeave("room");
      await server.advance(10_000);
    }

    const totals = alice.heard.of("onChannelAttrUpdated").filter(([, name]) => name === "_total_member_num");
    const [first, second] = [...new Set(totals.map(([, , value]) => Number(value)))];
    expect(second).toBe((first ?? 0) + 1);
  });

  it.each([
    ["S-A03", "_member_num", "7"],
    ["S-A05", "_total_member_num", "7"],
    ["S-A01", "_userNotification", "2"],
    ["S-A02", "_channel_ttl", "soon"],
    ["S-A04", "_auto_update_num", "-1"],
    ["S-A06", "_auto_update_total_num", "1.5"],
    ["S-A07", "_sendmsg_limit", "0"],
    ["S-A08", "_setattr_limit", "many"],
  ])("%s %s cannot be set to %s: 1004", async (_row, name, value) => {
    const { server, alice } = await startRoom("alice");

    alice.api.channelSetAttr("room", name, value);
    await server.advance(100);

    expect(alice.heard.told).toEqual([["onError", "channelSetAttr", AgoraEcode.GENERAL_E_WRONG_PARAM, expect.anything()]]);
  });

  it("S-A07 S-L06 _sendmsg_limit is the messages a second of all senders, and 200 by default", async () => {
    const { server, users, alice } = await startRoom("alice", "bob");
    await set(server, alice, "_sendmsg_limit", "6");
    await server.advance(2_000);

    for (const { api } of users) for (let place = 0; place < 5; place += 1) api.messageChannelSend("room", "hello", `${place}`);
    await server.advance(500);

    const told = (name: string) => users.reduce((sum, { heard }) => sum + heard.of(name).length, 0);
    expect([told("onMessageSendSuccess"), told("onMessageSendError")]).toEqual([6, 4]);
    expect(users.flatMap(({ heard }) => heard.of("onMessageSendError")).every(([, ecode]) => ecode === 400)).toBe(true);
  });

  it("S-A07 S-L06 without it a channel takes 200 messages a second", async () => {
    const { server, users } = await startRoom("alice", "bob");

    for (const { api } of users)
      for (let place = 0; place < 120; place += 1) api.messageChannelSend("room", "hello", `${place}`);
    await server.advance(500);

    const errors = users.flatMap(({ heard }) => heard.of("onMessageSendError"));
    expect(errors).toHaveLength(40);
    expect(errors.every(([, ecode]) => ecode === AgoraEcode.SENDMESSAGE_E_OTHER)).toBe(true);
  });

  it("S-A08 _setattr_limit is the changes a second of each attribute", async () => {
    const { server, alice } = await startRoom("alice");
    await set(server, alice, "_setattr_limit", "2");
    await server.advance(6_000);

    for (const value of ["1", "2", "3"]) alice.api.channelSetAttr("room", "topic", value);
    alice.api.channelSetAttr("room", "mood", "calm");
    await server.advance(500);

    expect(alice.heard.of("onChannelAttrUpdated").map(([, name, value]) => [name, value])).toEqual([
      ["topic", "1"],
      ["topic", "2"],
      ["mood", "calm"],
    ]);
    expect(alice.heard.of("onError")).toEqual([["channelSetAttr", AgoraEcode.GENERAL_E_FAILED, expect.anything()]]);
  });

  it("S-M24 clearing the attributes of a channel puts the built-in ones back to their defaults", async () => {
    const { server, alice } = await startRoom("alice");
    await set(server, alice, "_userNotification", "0");

    alice.api.channelClearAttr("room");
    const bob = await server.loginUser("bob");
    bob.api.channelJoin("room");
    await server.advance(1_000);

    expect(alice.heard.told).toEqual([
      ["onChannelAttrUpdated", "room", "", "", "clear"],
      ["onChannelUserJoined", "bob", 0],
    ]);
  });
});
