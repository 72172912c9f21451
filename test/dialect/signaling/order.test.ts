import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import type { CallResult, DeepPartial } from "../../../gen/aldis/v1/stream.js";
import { callbackNames } from "../../../src/client/dialect/signaling/callbacks.js";
import { AgoraAPI, AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { createClientClock } from "../../support/client-clock.js";
import { Recorder, whenFinished } from "../../support/dialect-server.js";
import { channelMessage, peerMessage } from "../../support/scripted-client.js";
import { ScriptedServer } from "../../support/scripted-server.js";

/** A user who is logged in on a server that says what the test says. */
async function startScripted() {
  const [server, clock] = [new ScriptedServer(), createClientClock()];
  const api = AgoraAPI.createSigInstance("app", { transport: server, runtime: clock });
  const heard = new Recorder();
  api.callbackSet(Object.fromEntries(callbackNames.map((name) => [name, heard.callback(name)])));
  whenFinished(() => api.destroy());
  api.login("app", "alice", "token", 0, "");
  await clock.advance(1);
  server.stream.welcome();
  await clock.settle();
  heard.clear();
  return { api, heard, clock, server };
}

describe("the order of callbacks", () => {
  it("S-C16 a join is told before an event of the same batch that follows it, and after one that comes first", async () => {
    const { api, heard, clock, server } = await startScripted();
    api.channelJoin("room");
    const { callId } = server.stream.call("joinChannel");
    const value = { memberCount: 1, members: ["alice"], position: { offset: 4, epoch: "e" } };
    const joined: DeepPartial<CallResult> = { callId, afterEvents: 1, outcome: { $case: "joinChannel", value } };

    server.stream.batch(
      [
        peerMessage("first"),
        { $case: "memberJoined", value: { channel: "room", userId: "bob" } },
        channelMessage(5),
        peerMessage("last"),
      ],
      [joined],
    );
    await clock.settle();

    expect(heard.told).toEqual([
      ["onMessageInstantReceive", "bob", 0, "first"],
      ["onChannelJoined", "room"],
      ["onChannelUserList", ["alice"], [0]],
      ["onChannelUserJoined", "bob", 0],
      ["onMessageChannelReceive", "room", "bob", 0, "m5"],
      ["onMessageInstantReceive", "bob", 0, "last"],
    ]);
  });

  it("S-C12 the success of a send is told where the server says it, among the events", async () => {
    const { api, heard, clock, server } = await startScripted();
    api.messageInstantSend("bob", 0, "hello", "one");

    server.stream.batch([peerMessage("before"), peerMessage("after")], [server.stream.resultOf("sendPeerMessage", {}, 1)]);
    await clock.settle();

    expect(heard.names).toEqual(["onMessageInstantReceive", "onMessageSendSuccess", "onMessageInstantReceive"]);
  });

  it("S-C18 the end of the channel is told before the end of the session", async () => {
    const { api, heard, clock, server } = await startScripted();
    api.channelJoin("room");
    server.stream.answer("joinChannel", { memberCount: 1 });
    await clock.settle();
    heard.clear();

    server.stream.goodbye(GoodbyeReason.BANNED_BY_SERVER);
    await clock.settle();

    expect(heard.told).toEqual([
      ["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_KICKED],
      ["onLogout", AgoraEcode.LOGOUT_E_KICKED],
    ]);
  });

  it("S-C21 after a lost session the users of the channel are told anew, and joining it again does nothing", async () => {
    const { api, heard, clock, server } = await startScripted();
    api.channelJoin("room");
    server.stream.answer("joinChannel", { memberCount: 1 });
    await clock.settle();
    heard.clear();

    server.stream.drop();
    await clock.advance(2_000);
    server.stream.welcome({ sessionId: "session-2" });
    api.channelJoin("room");
    server.stream.answer("joinChannel", { memberCount: 2 });
    server.stream.answer("listMembers", { members: ["bob", "alice"], memberCount: 2 });
    await clock.settle();

    expect(heard.told.filter(([name]) => name !== "onReconnecting")).toEqual([
      ["onReconnected", 0],
      ["onChannelJoined", "room"],
      ["onChannelUserList", ["bob", "alice"], [0, 0]],
    ]);
    expect(server.stream.countOf("joinChannel")).toBe(1);
  });

  it("S-C16 a callback may call methods, and is never called from inside one", async () => {
    const { api, heard, clock, server } = await startScripted();
    let isInside = false;
    api.onChannelJoined = () => {
      expect(isInside).toBe(false);
      isInside = true;
      api.channelLeave("nowhere");
      api.channelInviteEnd("room", "bob", 0);
      isInside = false;
    };

    isInside = true;
    api.channelJoin("room");
    isInside = false;
    server.stream.answer("joinChannel", { memberCount: 1 });
    await clock.settle();

    expect(heard.names.toSorted()).toEqual(["onChannelLeaved", "onChannelUserList", "onInviteEndByMyself"]);
  });
});
