import { InvitationApiCallError, RemoteInvitation } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { InvitationEndReason, InvitationState } from "../../../gen/aldis/v1/invitation.js";
import { startManualWorld } from "./manual-world.js";
import { loginScriptedUser } from "./scripted-user.js";
import { codeOf, nextInvitation, recordCalls, recordLocal, thrownCode } from "./support.js";

const { INVALID_ARGUMENT, ALREADY_END } = InvitationApiCallError;

describe("an invitation that fails", () => {
  async function startRing() {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];
    const local = ann.client.createLocalInvitation("bob");
    const heardByCaller = recordLocal(local);
    const heardByCallee = recordCalls(bob.client.getRtmCallManager());
    await world.during(ann.client.getRtmCallManager().sendLocalInvitation(local));
    await world.pass(1);
    return { world, ann, bob, local, heardByCaller, heardByCallee };
  }

  it("R-C15 R-E12 R-E14 is PEER_OFFLINE after 30 seconds if the callee is offline", async () => {
    const world = await startManualWorld();
    const ann = await world.login("ann");
    const local = ann.client.createLocalInvitation("bob");
    const recorder = recordLocal(local);

    local.send();
    await world.pass(29_000);
    const early = [recorder.told.length, local.state];
    await world.pass(2_000);

    expect(early).toEqual([0, "SENT_TO_REMOTE"]);
    expect(recorder.told).toEqual([["LocalInvitationFailure", "PEER_OFFLINE"]]);
    expect(local.state).toBe("FAILURE");
  });

  it("R-C15 R-C20 R-E14 R-E15 is INVITATION_EXPIRE for both sides 60 seconds after it was received", async () => {
    const { world, heardByCaller, heardByCallee, local } = await startRing();
    const remote = heardByCallee.of("RemoteInvitationReceived")[0]?.[0] as RemoteInvitation;

    await world.pass(59_000);
    expect(heardByCaller.told).toEqual([["LocalInvitationReceivedByPeer"]]);
    await world.pass(2_000);

    expect(heardByCaller.told.slice(1)).toEqual([["LocalInvitationFailure", "INVITATION_EXPIRE"]]);
    expect(heardByCallee.told.slice(1)).toEqual([["RemoteInvitationFailure", remote, "INVITATION_EXPIRE"]]);
    expect([local.state, remote.state]).toEqual(["FAILURE", "FAILURE"]);
    expect(thrownCode(() => remote.accept())).toBe(ALREADY_END);
  });

  it("R-C20 R-E15 R-E13 is PEER_OFFLINE for a callee whose caller is gone", async () => {
    const { world, ann, heardByCallee } = await startRing();

    ann.link.cut();
    await world.pass(40_000);

    expect(heardByCallee.told.slice(1)).toEqual([["RemoteInvitationFailure", expect.any(RemoteInvitation), "PEER_OFFLINE"]]);
  });

  it("R-C15 R-E14 is NOT_LOGGEDIN for a caller who logs out, and PEER_OFFLINE for the callee", async () => {
    const { world, ann, heardByCaller, heardByCallee } = await startRing();

    await world.during(ann.client.logout());
    await world.pass(1_000);

    expect(heardByCaller.told.at(-1)).toEqual(["LocalInvitationFailure", "NOT_LOGGEDIN"]);
    expect(heardByCallee.told.at(-1)).toEqual(["RemoteInvitationFailure", expect.any(RemoteInvitation), "PEER_OFFLINE"]);
  });

  it("R-C20 R-E15 is ACCEPT_FAILURE for a callee whose acceptance nobody confirms", async () => {
    const { world, ann, bob, heardByCallee } = await startRing();
    const remote = heardByCallee.of("RemoteInvitationReceived")[0]?.[0] as RemoteInvitation;

    ann.link.cut();
    await world.during(bob.client.getRtmCallManager().acceptRemoteInvitation(remote));
    expect(remote.state).toBe("ACCEPT_SENT_TO_LOCAL");
    await world.pass(31_000);

    expect(heardByCallee.told.at(-1)).toEqual(["RemoteInvitationFailure", remote, "ACCEPT_FAILURE"]);
    expect(remote.state).toBe("FAILURE");
  });

  it.each([
    [InvitationEndReason.PEER_OFFLINE, "PEER_OFFLINE"],
    [InvitationEndReason.PEER_NO_RESPONSE, "PEER_NO_RESPONSE"],
    [InvitationEndReason.EXPIRED, "INVITATION_EXPIRE"],
    [InvitationEndReason.CALLER_GONE, "NOT_LOGGEDIN"],
    [InvitationEndReason.UNSPECIFIED, "UNKNOWN"],
  ])("R-C15 R-E14 tells the caller of the reason %s as %s", async (endReason, reason) => {
    const { client, server, clock } = await loginScriptedUser();
    const local = client.createLocalInvitation("bob");
    const recorder = recordLocal(local);
    local.send();
    const { request } = server.stream.call("sendInvitation");
    const invitation = { ...request, caller: "ann", version: 1, state: InvitationState.SENT };
    server.stream.answer("sendInvitation", { invitation });

    const failed = { ...invitation, version: 2, state: InvitationState.FAILED, endReason };
    server.stream.events({ $case: "invitation", value: failed as never });
    await clock.settle();

    expect(recorder.told).toEqual([["LocalInvitationFailure", reason]]);
  });

  it.each([
    [InvitationEndReason.CALLER_GONE, "PEER_OFFLINE"],
    [InvitationEndReason.ACCEPT_FAILED, "ACCEPT_FAILURE"],
    [InvitationEndReason.EXPIRED, "INVITATION_EXPIRE"],
    [InvitationEndReason.UNSPECIFIED, "UNKNOWN"],
  ])("R-C20 R-E15 tells the callee of the reason %s as %s", async (endReason, reason) => {
    const { client, server, clock } = await loginScriptedUser();
    const recorder = recordCalls(client.getRtmCallManager());
    const version = { invitationId: "one", caller: "bob", callee: "ann", version: 1, state: InvitationState.SENT };

    server.stream.events({ $case: "invitation", value: version as never });
    const failed = { ...version, version: 2, state: InvitationState.FAILED, endReason };
    server.stream.events({ $case: "invitation", value: failed as never });
    await clock.settle();

    expect(recorder.told.at(-1)).toEqual(["RemoteInvitationFailure", expect.any(RemoteInvitation), reason]);
  });

  it("R-C15 R-E14 R-E16 is UNKNOWN for a caller whose send the server refuses", async () => {
    const { client, server, clock } = await loginScriptedUser();
    const local = client.createLocalInvitation("bob");
    const recorder = recordLocal(local);

    const sent = codeOf(client.getRtmCallManager().sendLocalInvitation(local));
    server.stream.fail("sendInvitation", { code: ErrorCode.TOO_MANY_INVITATIONS });
    await clock.settle();

    expect(await sent).toBe(INVALID_ARGUMENT);
    expect(recorder.told).toEqual([["LocalInvitationFailure", "UNKNOWN"]]);
  });
});

describe("a call that comes too late", () => {
  it("R-C15 R-E14 R-M36 an invitation whose answer is lost has failed, and is taken back so that it rings no more", async () => {
    const { client, server, clock } = await loginScriptedUser();
    const local = client.createLocalInvitation("bob");
    const recorder = recordLocal(local);

    local.send();
    const { request } = server.stream.call("sendInvitation");
    await clock.advance(10_000);
    const received = { ...request, caller: "ann", version: 2, state: InvitationState.RECEIVED };
    server.stream.events({ $case: "invitation", value: received as never });
    await clock.settle();

    expect(recorder.told).toEqual([["LocalInvitationFailure", "UNKNOWN"]]);
    expect(server.stream.call("cancelInvitation").request).toMatchObject({ invitationId: request.invitationId });
  });

  it("R-M33 R-E16 a cancellation that an acceptance overtakes is ALREADY_END", async () => {
    const { client, server } = await loginScriptedUser();
    const calls = client.getRtmCallManager();
    const local = calls.createLocalInvitation("bob");
    const sent = calls.sendLocalInvitation(local);
    const { request } = server.stream.call("sendInvitation");
    server.stream.answer("sendInvitation", { invitation: { ...request, version: 1, state: InvitationState.SENT } });
    await sent;

    const cancelled = codeOf(calls.cancelLocalInvitation(local));
    server.stream.fail("cancelInvitation", { code: ErrorCode.INVITATION_ALREADY_ACCEPT });

    expect(await cancelled).toBe(ALREADY_END);
  });

  it("R-M35 R-E16 a refusal after an acceptance whose answer was lost is ALREADY_END", async () => {
    const { client, server, clock } = await loginScriptedUser();
    const calls = client.getRtmCallManager();
    const ringing = nextInvitation({ client });
    const version = { invitationId: "one", caller: "bob", callee: "ann", version: 1, state: InvitationState.RECEIVED };
    server.stream.events({ $case: "invitation", value: version as never });
    const remote = await ringing;

    const accepted = codeOf(calls.acceptRemoteInvitation(remote));
    await clock.advance(10_000);
    const acceptance = { ...version, version: 2, state: InvitationState.ACCEPT_SENT };
    server.stream.events({ $case: "invitation", value: acceptance as never });

    expect(await accepted).toBe(INVALID_ARGUMENT);
    expect(await codeOf(calls.refuseRemoteInvitation(remote))).toBe(ALREADY_END);
  });
});

describe("accepted calls", () => {
  it("are ended when there are more than 50, since RTM cannot hang up and the server lets a user have so many only", async () => {
    const world = await startManualWorld({ invitationsPerUser: 60, invitationCalls: 1_000 });
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];
    const calls = bob.client.getRtmCallManager();
    bob.client.on("RemoteInvitationReceived", (remote) => void calls.acceptRemoteInvitation(remote));

    const states = [];
    for (let i = 0; i < 70; i += 1) {
      const local = ann.client.createLocalInvitation("bob");
      await world.during(ann.client.getRtmCallManager().sendLocalInvitation(local));
      await world.pass(10);
      states.push(local.state);
    }

    expect(states).toEqual(Array(70).fill("ACCEPTED_BY_REMOTE"));
  });
});
