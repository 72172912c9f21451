import { END_CALL_PREFIX } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { loginUser as loginSignaling, type User as SignalingUser } from "../signaling/users.js";
import { loginUser, nextInvitation, type RtmUser, recordLocal, recordRemote } from "./support.js";

async function loginBoth(): Promise<{ ann: RtmUser; sig: SignalingUser }> {
  const server = await startDialectServer();
  return { ann: await loginUser(server, "ann"), sig: await loginSignaling(server, "sig") };
}

/** What a Signaling user heard of calls. */
const callsOf = ({ heard }: SignalingUser) => heard.told.filter(([name]) => name.startsWith("onInvite"));

describe("an RTM user calls a Signaling user", () => {
  async function callSignaling() {
    const { ann, sig } = await loginBoth();
    const local = ann.client.createLocalInvitation("sig");
    local.channelId = "room";
    local.content = '{"_timeout":20}';
    const heard = recordLocal(local);
    local.send();
    await sig.heard.until("onInviteReceived");
    await heard.until("LocalInvitationReceivedByPeer");
    return { ann, sig, local, heard };
  }

  it("R-M36 R-C12 content arrives as extra, the extra of the acceptance as response", async () => {
    const { sig, local, heard } = await callSignaling();

    sig.api.channelInviteAccept("room", "ann", 0, '{"yes":1}');
    await heard.until("LocalInvitationAccepted");

    expect(callsOf(sig)).toEqual([["onInviteReceived", "room", "ann", 0, '{"_timeout":20}']]);
    expect(heard.told).toEqual([["LocalInvitationReceivedByPeer"], ["LocalInvitationAccepted", '{"yes":1}']]);
    expect([local.state, local.response]).toEqual(["ACCEPTED_BY_REMOTE", '{"yes":1}']);
  });

  it("R-C13 a refusal arrives with its extra", async () => {
    const { sig, heard } = await callSignaling();

    sig.api.channelInviteRefuse("room", "ann", 0, '{"busy":1}');
    await heard.until("LocalInvitationRefused");

    expect(heard.told.at(-1)).toEqual(["LocalInvitationRefused", '{"busy":1}']);
  });

  it("R-M37 a cancellation ends the call of the Signaling user", async () => {
    const { sig, local } = await callSignaling();

    local.cancel();

    expect(await sig.heard.until("onInviteEndByPeer")).toEqual(["room", "ann", 0, ""]);
  });

  it("the call is hung up by a message with the prefix for it, which is no message", async () => {
    const { ann, sig, heard } = await callSignaling();
    sig.api.channelInviteAccept("room", "ann", 0, "");
    await heard.until("LocalInvitationAccepted");

    const result = await ann.client.sendMessageToPeer({ text: `${END_CALL_PREFIX}_room_bye` }, "sig");

    expect(result.hasPeerReceived).toBe(true);
    expect(await sig.heard.until("onInviteEndByPeer")).toEqual(["room", "ann", 0, "bye"]);
    expect(sig.heard.names).not.toContain("onMessageInstantReceive");
  });

  it("an end by the Signaling user after the acceptance is not shown", async () => {
    const { ann, sig, local, heard } = await callSignaling();
    sig.api.channelInviteAccept("room", "ann", 0, "");
    await heard.until("LocalInvitationAccepted");

    sig.api.channelInviteEnd("room", "ann", 0);
    await sig.heard.until("onInviteEndByMyself");
    await ann.client.sendMessageToPeer({ text: "anything else" }, "ann");
    await ann.recorder.until("MessageFromPeer");

    expect(heard.names).toEqual(["LocalInvitationReceivedByPeer", "LocalInvitationAccepted"]);
    expect(local.state).toBe("ACCEPTED_BY_REMOTE");
  });
});

describe("a Signaling user calls an RTM user", () => {
  async function callRtm() {
    const { ann, sig } = await loginBoth();
    const ringing = nextInvitation(ann);
    sig.api.channelInviteUser2("room", "ann", '{"srcNum":"1"}');
    const remote = await ringing;
    await sig.heard.until("onInviteReceivedByPeer");
    return { ann, sig, remote, heard: recordRemote(remote) };
  }

  it("R-C16 R-C17 R-M38 extra arrives as content, the response of the acceptance as extra", async () => {
    const { sig, remote, heard } = await callRtm();

    remote.response = "Gladly.";
    remote.accept();
    await heard.until("RemoteInvitationAccepted");

    expect(remote).toMatchObject({ callerId: "sig", channelId: "room", content: '{"srcNum":"1"}' });
    expect(await sig.heard.until("onInviteAcceptedByPeer")).toEqual(["room", "ann", 0, "Gladly."]);
  });

  it("R-C18 R-M39 a refusal arrives with its response", async () => {
    const { sig, remote } = await callRtm();

    remote.response = "Busy.";
    remote.refuse();

    expect(await sig.heard.until("onInviteRefusedByPeer")).toEqual(["room", "ann", 0, "Busy."]);
  });

  it("R-C19 an end before the answer is a cancellation", async () => {
    const { sig, remote, heard } = await callRtm();

    sig.api.channelInviteEnd("room", "ann", 0);
    await heard.until("RemoteInvitationCanceled");

    expect(heard.told).toEqual([["RemoteInvitationCanceled", ""]]);
    expect(remote.state).toBe("CANCELED");
  });
});

describe("messages between RTM and Signaling", () => {
  it("R-C04 R-C06 R-M10 R-M21 are texts, to users and channels, both ways", async () => {
    const { ann, sig } = await loginBoth();
    const channel = ann.client.createChannel("room");
    const heard = new Promise((resolve) => channel.on("ChannelMessage", (...args) => resolve(args)));
    await channel.join();
    sig.api.channelJoin("room");
    await sig.heard.until("onChannelUserList");

    await ann.client.sendMessageToPeer({ text: "to sig" }, "sig");
    sig.api.messageInstantSend("ann", 0, "to ann", "1");
    await channel.sendMessage({ text: "to all" });
    sig.api.messageChannelSend("room", "from sig", "2");

    expect(await sig.heard.until("onMessageInstantReceive")).toEqual(["ann", 0, "to sig"]);
    expect((await ann.recorder.until("MessageFromPeer")).slice(0, 2)).toEqual([{ text: "to ann", messageType: "TEXT" }, "sig"]);
    expect(await sig.heard.until("onMessageChannelReceive")).toEqual(["room", "ann", 0, "to all"]);
    expect(await heard).toMatchObject([{ text: "from sig" }, "sig", {}]);
  });
});
