import { describe, expect, it } from "vitest";
import { CalleeState, InvitationEndReason, InvitationState } from "../../../../gen/aldis/v1/invitation.js";
import { codeOf, createConnectedClient } from "../../../support/scripted-client.js";
import { createRung, eventOf, fromBob } from "./invitation-client.js";

const { UNSPECIFIED, SENT, RECEIVED, ACCEPT_SENT, ACCEPTED, REFUSED, CANCELED, FAILED, ENDED } = InvitationState;

describe("an incoming invitation", () => {
  it("rings, says who calls, and is acknowledged at once", async () => {
    const { client, server, call } = await createRung();

    expect(call).toMatchObject({ id: "i1", direction: "incoming", caller: "bob", callee: "ann", content: "hi" });
    expect(call.state).toBe(CalleeState.INVITATION_RECEIVED);
    expect(client.invitations.live()).toEqual([call]);
    expect(server.stream.acks).toEqual([{ events: 1, results: 0 }]);
  });

  it("rings once, whatever comes again", async () => {
    const { server, rung } = await createRung();

    server.stream.events(eventOf(fromBob(1, SENT)), eventOf(fromBob(2, RECEIVED)), eventOf(fromBob(1, SENT)));
    server.stream.events(eventOf(fromBob(3, CANCELED)), eventOf(fromBob(1, SENT)));

    expect(rung).toHaveLength(1);
  });

  it.each([
    ["is over", fromBob(3, CANCELED)],
    ["was accepted elsewhere", fromBob(3, ACCEPTED)],
    ["is of others", fromBob(1, SENT, { callee: "cy" })],
    ["has a state of a later revision", fromBob(1, 99 as never)],
    ["has no state", fromBob(1, UNSPECIFIED)],
  ])("does not ring if it %s", async (_, invitation) => {
    const { client, server } = await createConnectedClient();
    let rings = 0;
    client.on("invitation", () => {
      rings += 1;
    });

    server.stream.events(eventOf(invitation));

    expect(rings).toBe(0);
  });

  it("is accepted, and tells when the caller knows", async () => {
    const { server, call, told } = await createRung();

    const accept = call.accept("yes");
    server.stream.answer("acceptInvitation", { invitation: fromBob(3, ACCEPT_SENT, { response: "yes" }) });
    await accept;
    expect(told).toEqual([`state ${CalleeState.ACCEPT_SENT_TO_LOCAL}`]);
    server.stream.events(eventOf(fromBob(4, ACCEPTED, { response: "yes" })));

    expect(server.stream.call("acceptInvitation").request).toEqual({ invitationId: "i1", response: "yes" });
    expect(told.slice(1)).toEqual([`state ${CalleeState.ACCEPTED}`, 'accepted {"response":"yes"}']);
    expect(await codeOf(call.accept())).toBe("INVITATION_ALREADY_ACCEPT");
    expect(await codeOf(call.refuse())).toBe("INVITATION_ALREADY_ACCEPT");
  });

  it("is refused", async () => {
    const { client, server, call, told } = await createRung();

    const refuse = call.refuse("busy");
    server.stream.answer("refuseInvitation", { invitation: fromBob(3, REFUSED, { response: "busy" }) });
    await refuse;

    expect(server.stream.call("refuseInvitation").request).toEqual({ invitationId: "i1", response: "busy" });
    expect(told).toEqual([`state ${CalleeState.REFUSED}`, 'refused {"response":"busy"}']);
    expect(client.invitations.live()).toEqual([]);
    expect(await codeOf(call.accept())).toBe("INVITATION_ALREADY_END");
    expect(await codeOf(call.dtmf("1"))).toBe("INVITATION_ALREADY_END");
  });

  it("tells that it was cancelled or has failed", async () => {
    const { server, told } = await createRung();
    const expired = fromBob(9, FAILED, { invitationId: "i2", endReason: InvitationEndReason.EXPIRED });

    server.stream.events(eventOf(expired), eventOf(fromBob(3, CANCELED, { endContent: "never mind" })), eventOf(expired));

    expect(told).toEqual([`state ${CalleeState.CANCELED}`, 'cancelled {"content":"never mind"}']);
  });

  it("cannot be ended before it is accepted", async () => {
    const { call } = await createRung();

    expect(await codeOf(call.end())).toBe("INVITATION_NOT_STARTED");
  });

  it("tells what was skipped, in the order of a call", async () => {
    const { server, told } = await createRung();

    server.stream.events(eventOf(fromBob(5, ENDED, { response: "yes", endReason: InvitationEndReason.ENDED, endedBy: "bob" })));

    expect(told).toEqual([
      `state ${CalleeState.ACCEPTED}`,
      'accepted {"response":"yes"}',
      `ended ${JSON.stringify({ reason: InvitationEndReason.ENDED, by: "bob", content: "" })}`,
    ]);
  });

  it("may be answered from inside the listener that it rings", async () => {
    const { client, server } = await createConnectedClient();
    client.on("invitation", (call) => void call.accept("at once"));

    server.stream.events(eventOf(fromBob(1, SENT)));

    expect(server.stream.call("acceptInvitation").request).toEqual({ invitationId: "i1", response: "at once" });
  });

  it("is a call that failed for a callee whose acceptance reached nobody", async () => {
    const { server, call, told } = await createRung();

    const failed = fromBob(4, FAILED, { response: "yes", endReason: InvitationEndReason.ACCEPT_FAILED });
    server.stream.events(eventOf(fromBob(3, ACCEPT_SENT, { response: "yes" })), eventOf(failed));

    expect(told.at(-1)).toBe(`failed {"reason":${InvitationEndReason.ACCEPT_FAILED}}`);
    expect(await call.outcome).toEqual({ kind: "failed", reason: InvitationEndReason.ACCEPT_FAILED });
  });
});
