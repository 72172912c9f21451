import { describe, expect, it } from "vitest";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { createUser, joinUsers, loginUser } from "./users.js";

const adminKey = "an admin key of tests, with 32 bytes or more".replaceAll(" ", "-");

describe("special channels", () => {
  it("S-H01 __agora_user_online tells operators who logs in and out", async () => {
    const server = await startDialectServer({ adminKey });
    const operator = await loginUser(server, "operator", { adminKey });

    operator.api.channelJoin("__agora_user_online");
    await operator.heard.until("onChannelJoined");
    const alice = await loginUser(server, "alice");
    alice.api.logout();
    await operator.heard.until("onMessageChannelReceive", 2);

    const messages = operator.heard.of("onMessageChannelReceive").map(([channelID, account, uid, msg]) => {
      return [channelID, account, uid, JSON.parse(String(msg))];
    });
    expect(operator.heard.names[0]).toBe("onChannelJoined");
    expect(messages).toEqual([
      ["__agora_user_online", "alice", 0, { event: "login", account: "alice", ts: expect.any(Number) }],
      ["__agora_user_online", "alice", 0, { event: "logout", account: "alice", ts: expect.any(Number) }],
    ]);
  });

  it("S-H02 __agora_channel_event tells operators who joins and leaves a channel", async () => {
    const server = await startDialectServer({ adminKey });
    const operator = await loginUser(server, "operator", { adminKey });

    operator.api.channelJoin("__agora_channel_event");
    await operator.heard.until("onChannelJoined");
    const [alice] = await joinUsers(server, "room", "alice");
    alice.api.channelLeave("room");
    await operator.heard.until("onMessageChannelReceive", 2);

    const messages = operator.heard
      .of("onMessageChannelReceive")
      .map(([, account, , msg]) => [account, JSON.parse(String(msg))]);
    expect(messages).toEqual([
      ["alice", { event: "join", account: "alice", channel: "room", ts: expect.any(Number) }],
      ["alice", { event: "leave", account: "alice", channel: "room", ts: expect.any(Number) }],
    ]);
  });

  it("S-H01 S-H02 they are not the one channel, and are left by themselves", async () => {
    const server = await startDialectServer({ adminKey });
    const operator = await loginUser(server, "operator", { adminKey });

    for (const channelID of ["__agora_user_online", "room", "__agora_channel_event"]) operator.api.channelJoin(channelID);
    await operator.heard.until("onChannelJoined", 3);
    expect(operator.heard.of("onChannelLeaved")).toEqual([]);
    operator.api.channelLeave("__agora_user_online");
    operator.api.logout();
    await operator.heard.until("onLogout");

    expect(operator.heard.of("onChannelLeaved")).toEqual([
      ["__agora_user_online", AgoraEcode.LEAVECHANNEL_E_BYUSER],
      ["room", AgoraEcode.LEAVECHANNEL_E_LOGOUT],
      ["__agora_channel_event", AgoraEcode.LEAVECHANNEL_E_LOGOUT],
    ]);
  });

  it("S-H01 S-H02 without the key of an operator, or with a wrong one, a join fails with 300, without a login with 1003", async () => {
    const server = await startDialectServer({ adminKey });
    const nobody = createUser(server, { adminKey });
    const [alice, mallory] = [
      await loginUser(server, "alice"),
      await loginUser(server, "mallory", { adminKey: `not-${adminKey}` }),
    ];

    for (const { api } of [alice, mallory, nobody]) api.channelJoin("__agora_user_online");
    for (const { heard } of [alice, mallory, nobody]) await heard.until("onChannelJoinFailed");

    for (const { heard } of [alice, mallory]) {
      expect(heard.told).toEqual([["onChannelJoinFailed", "__agora_user_online", AgoraEcode.JOINCHANNEL_E_OTHER]]);
    }
    expect(nobody.heard.told).toEqual([["onChannelJoinFailed", "__agora_user_online", AgoraEcode.GENERAL_E_NOT_LOGIN]]);
  });
});
