import { InvitationApiCallError, LocalInvitation, RemoteInvitation, RtmCallManager } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import {
  codeOf,
  createUser,
  loginUser,
  nextInvitation,
  type RtmUser,
  recordCalls,
  recordLocal,
  recordRemote,
  thrownCode,
} from "./support.js";

const { INVALID_ARGUMENT, NOT_STARTED, ALREADY_END, ALREADY_ACCEPT, ALREADY_SENT, USER_NOT_LOGGED_IN } = InvitationApiCallError;

async function loginBoth() {
  const server = await startDialectServer();
  return { server, ann: await loginUser(server, "ann"), bob: await loginUser(server, "bob") };
}

/** Calls from one user to the other, with what both sides hear. */
async function ring(from: RtmUser, to: RtmUser, content = "Shall we talk?") {
  const local = from.client.createLocalInvitation("bob");
  local.content = content;
  local.channelId = "room";
  const heardByCaller = recordLocal(local);
  const ringing = nextInvitation(to);
  local.send();
  const remote = await ringing;
  const heardByCallee = recordRemote(remote);
  await heardByCaller.until("LocalInvitationReceivedByPeer");
  return { local, heardByCaller, remote, heardByCallee };
}

describe("an invitation as an object", () => {
  it("R-M31 R-T04 R-E12 begins IDLE, and is written until it is sent", async () => {
    const { ann, bob } = await loginBoth();
    const local = ann.client.createLocalInvitation("bob");
    const { calleeId, content, channelId, response, state } = local;

    local.content = "first";
    local.channelId = "room";
    const ringing = nextInvitation(bob);
    local.send();
    local.content = "too late";
    const remote = await ringing;

    expect(local).toBeInstanceOf(LocalInvitation);
    expect({ calleeId, content, channelId, response, state }).toEqual({
      calleeId: "bob",
      content: "",
      channelId: "",
      response: "",
      state: "IDLE",
    });
    expect([local.content, remote.content, remote.channelId]).toEqual(["first", "first", "room"]);
  });

  it("R-M36 R-M38 R-C11 R-C12 R-C16 R-C17 R-T05 R-T08 R-E12 R-E13 is sent, received, accepted and confirmed", async () => {
    const { ann, bob } = await loginBoth();

    const { local, remote, heardByCaller, heardByCallee } = await ring(ann, bob);
    expect(remote).toBeInstanceOf(RemoteInvitation);
    expect(remote).toMatchObject({ callerId: "ann", content: "Shall we talk?", channelId: "room", response: "" });
    expect([local.state, remote.state]).toEqual(["RECEIVED_BY_REMOTE", "INVITATION_RECEIVED"]);
    remote.response = "Gladly.";
    remote.accept();
    await heardByCallee.until("RemoteInvitationAccepted");

    expect(heardByCaller.told).toEqual([["LocalInvitationReceivedByPeer"], ["LocalInvitationAccepted", "Gladly."]]);
    expect(heardByCallee.told).toEqual([["RemoteInvitationAccepted"]]);
    expect([local.state, local.response, remote.state]).toEqual(["ACCEPTED_BY_REMOTE", "Gladly.", "ACCEPTED"]);
  });

  it("R-M39 R-C13 R-C18 R-E12 R-E13 is refused", async () => {
    const { ann, bob } = await loginBoth();

    const { local, remote, heardByCaller, heardByCallee } = await ring(ann, bob);
    remote.response = "Busy.";
    remote.refuse();
    await Promise.all([heardByCaller.until("LocalInvitationRefused"), heardByCallee.until("RemoteInvitationRefused")]);

    expect(heardByCaller.told).toEqual([["LocalInvitationReceivedByPeer"], ["LocalInvitationRefused", "Busy."]]);
    expect(heardByCallee.told).toEqual([["RemoteInvitationRefused"]]);
    expect([local.state, local.response, remote.state]).toEqual(["REFUSED_BY_REMOTE", "Busy.", "REFUSED"]);
  });

  it("R-M37 R-C14 R-C19 R-E12 R-E13 is cancelled", async () => {
    const { ann, bob } = await loginBoth();

    const { local, remote, heardByCaller, heardByCallee } = await ring(ann, bob);
    local.cancel();
    await Promise.all([heardByCaller.until("LocalInvitationCanceled"), heardByCallee.until("RemoteInvitationCanceled")]);

    expect(heardByCaller.told).toEqual([["LocalInvitationReceivedByPeer"], ["LocalInvitationCanceled"]]);
    expect(heardByCallee.told).toEqual([["RemoteInvitationCanceled", ""]]);
    expect([local.state, remote.state]).toEqual(["CANCELED", "CANCELED"]);
  });

  it("R-M36 R-M37 R-M38 R-M39 R-E16 throws what is known to be wrong, with the original codes", async () => {
    const { ann, bob } = await loginBoth();
    const draft = ann.client.createLocalInvitation("bob");

    expect(thrownCode(() => draft.cancel())).toBe(NOT_STARTED);
    const { local, remote, heardByCallee } = await ring(ann, bob);
    expect(thrownCode(() => local.send())).toBe(ALREADY_SENT);
    remote.accept();
    expect(thrownCode(() => remote.accept())).toBe(ALREADY_ACCEPT);
    expect(thrownCode(() => remote.refuse())).toBe(ALREADY_END);
    await heardByCallee.until("RemoteInvitationAccepted");
    expect(thrownCode(() => remote.accept())).toBe(ALREADY_ACCEPT);
    expect(thrownCode(() => remote.refuse())).toBe(ALREADY_END);
    expect(thrownCode(() => local.send())).toBe(ALREADY_END);
    expect(thrownCode(() => local.cancel())).toBe(ALREADY_END);
  });

  it("R-M36 R-L01 R-L03 R-E16 checks ids and the 8 KiB of content and response when they are sent", async () => {
    const { ann, bob } = await loginBoth();
    const create = (calleeId: string, content: unknown, channelId = "") => {
      const local = ann.client.createLocalInvitation(calleeId);
      local.content = content as string;
      local.channelId = channelId;
      return local;
    };
    const largest = "é".repeat(4 * 1024);

    expect(thrownCode(() => create("null", "").send())).toBe(INVALID_ARGUMENT);
    expect(thrownCode(() => create("bob", "", "c".repeat(65)).send())).toBe(INVALID_ARGUMENT);
    expect(thrownCode(() => create("bob", `${largest}x`).send())).toBe(INVALID_ARGUMENT);
    expect(thrownCode(() => create("bob", 7).send())).toBe(INVALID_ARGUMENT);
    const { remote, heardByCallee } = await ring(ann, bob, largest);
    remote.response = `${largest}x`;
    expect(thrownCode(() => remote.accept())).toBe(INVALID_ARGUMENT);
    expect(thrownCode(() => remote.refuse())).toBe(INVALID_ARGUMENT);
    remote.response = largest;
    remote.accept();
    await heardByCallee.until("RemoteInvitationAccepted");
  });

  it("R-M36 R-C15 R-E14 that is sent without a login fails with NOT_LOGGEDIN", async () => {
    const { client } = createUser(await startDialectServer());
    const local = client.createLocalInvitation("bob");
    const recorder = recordLocal(local);

    local.send();
    await recorder.until("LocalInvitationFailure");

    expect(recorder.told).toEqual([["LocalInvitationFailure", "NOT_LOGGEDIN"]]);
    expect(local.state).toBe("FAILURE");
    expect(thrownCode(() => local.send())).toBe(ALREADY_END);
  });

  it("R-M31 can be one of several, also to the same callee", async () => {
    const { ann, bob } = await loginBoth();

    const [first, second] = [await ring(ann, bob, "first"), await ring(ann, bob, "second")];
    second.remote.refuse();
    first.remote.accept();
    await first.heardByCallee.until("RemoteInvitationAccepted");
    await second.heardByCaller.until("LocalInvitationRefused");

    expect([first.remote.content, second.remote.content]).toEqual(["first", "second"]);
    expect([first.local.state, second.local.state]).toEqual(["ACCEPTED_BY_REMOTE", "REFUSED_BY_REMOTE"]);
  });
});

describe("the call manager", () => {
  it("R-M30 R-T03 is one for each client", async () => {
    const { ann, bob } = await loginBoth();

    expect(ann.client.getRtmCallManager()).toBeInstanceOf(RtmCallManager);
    expect(ann.client.getRtmCallManager()).toBe(ann.client.getRtmCallManager());
    expect(ann.client.getRtmCallManager()).not.toBe(bob.client.getRtmCallManager());
  });

  it("R-M31 R-M32 R-M34 R-C11 R-C12 R-C16 R-C17 R-T08 sends and accepts, and tells every event with its invitation first", async () => {
    const { ann, bob } = await loginBoth();
    const [anns, bobs] = [ann.client.getRtmCallManager(), bob.client.getRtmCallManager()];
    const [annsTold, bobsTold] = [recordCalls(anns), recordCalls(bobs)];
    const local = anns.createLocalInvitation("bob");

    await anns.sendLocalInvitation(local);
    const sent = local.state;
    const [remote] = (await bobsTold.until("RemoteInvitationReceived")) as [RemoteInvitation];
    remote.response = "Gladly.";
    await bobs.acceptRemoteInvitation(remote);
    const accepted = remote.state;
    await bobsTold.until("RemoteInvitationAccepted");

    expect([sent, accepted]).toEqual(["SENT_TO_REMOTE", "ACCEPT_SENT_TO_LOCAL"]);
    expect(annsTold.told).toEqual([
      ["LocalInvitationReceivedByPeer", local],
      ["LocalInvitationAccepted", local, "Gladly."],
    ]);
    expect(bobsTold.told).toEqual([
      ["RemoteInvitationReceived", remote],
      ["RemoteInvitationAccepted", remote],
    ]);
    expect(bob.recorder.of("RemoteInvitationReceived")).toEqual([[remote]]);
  });

  it("R-M33 R-C14 R-C19 cancels, and R-M35 R-C13 R-C18 refuses", async () => {
    const { ann, bob } = await loginBoth();
    const [anns, bobs] = [ann.client.getRtmCallManager(), bob.client.getRtmCallManager()];
    const [annsTold, bobsTold] = [recordCalls(anns), recordCalls(bobs)];
    const [first, second] = [anns.createLocalInvitation("bob"), anns.createLocalInvitation("bob")];

    await anns.sendLocalInvitation(first);
    const [cancelled] = await bobsTold.until("RemoteInvitationReceived");
    await anns.cancelLocalInvitation(first);
    await anns.sendLocalInvitation(second);
    const [refused] = (await bobsTold.until("RemoteInvitationReceived", 2)) as [RemoteInvitation];
    refused.response = "Busy.";
    await bobs.refuseRemoteInvitation(refused);
    await annsTold.until("LocalInvitationRefused");
    await bobsTold.until("RemoteInvitationRefused");

    expect(annsTold.of("LocalInvitationCanceled")).toEqual([[first]]);
    expect(annsTold.of("LocalInvitationRefused")).toEqual([[second, "Busy."]]);
    expect(bobsTold.of("RemoteInvitationCanceled")).toEqual([[cancelled, ""]]);
    expect(bobsTold.of("RemoteInvitationRefused")).toEqual([[refused]]);
  });

  it("R-M32 R-M33 R-M34 R-M35 R-E16 R-C15 R-E14 rejects with the original codes", async () => {
    const { server, ann, bob } = await loginBoth();
    const [anns, bobs] = [ann.client.getRtmCallManager(), bob.client.getRtmCallManager()];
    const local = anns.createLocalInvitation("bob");
    const ringing = nextInvitation(bob);

    expect(await codeOf(anns.cancelLocalInvitation(local))).toBe(NOT_STARTED);
    expect(await codeOf(anns.sendLocalInvitation(anns.createLocalInvitation("null")))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(anns.sendLocalInvitation(anns.createLocalInvitation("ann")))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(bobs.sendLocalInvitation(local))).toBe(INVALID_ARGUMENT);
    await anns.sendLocalInvitation(local);
    expect(await codeOf(anns.sendLocalInvitation(local))).toBe(ALREADY_SENT);
    const remote = await ringing;
    await bobs.acceptRemoteInvitation(remote);
    expect(await codeOf(bobs.acceptRemoteInvitation(remote))).toBe(ALREADY_ACCEPT);
    expect(await codeOf(bobs.refuseRemoteInvitation(remote))).toBe(ALREADY_END);
    expect(await codeOf(anns.cancelLocalInvitation(local))).toBe(ALREADY_END);
    const stranger = createUser(server).client.getRtmCallManager();
    const unsent = stranger.createLocalInvitation("bob");
    const told = recordCalls(stranger);
    expect(await codeOf(stranger.sendLocalInvitation(unsent))).toBe(USER_NOT_LOGGED_IN);
    await told.until("LocalInvitationFailure");
    expect(told.told).toEqual([["LocalInvitationFailure", unsent, "NOT_LOGGEDIN"]]);
  });
});
