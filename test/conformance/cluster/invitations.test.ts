import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { InvitationEndReason, InvitationState, SendInvitationRequest } from "../../../gen/aldis/v1/invitation.js";
import type { RawClient } from "../../support/raw-client.js";
import { answer, only } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";

const { RECEIVED, ACCEPT_SENT, ACCEPTED, CANCELED, FAILED } = InvitationState;

const send = {
  $case: "sendInvitation" as const,
  value: SendInvitationRequest.create({ invitationId: "i1", callee: "bob" }),
};
const cancel = { $case: "cancelInvitation" as const, value: { invitationId: "i1", content: "" } };
const accept = { $case: "acceptInvitation" as const, value: { invitationId: "i1", response: "" } };

const states = (client: RawClient) => only(client.events, "invitation").map(({ state }) => state);
const latest = (client: RawClient) => states(client).at(-1);

/** Alice, on one node, rings bob, on another one, whose client has it. */
async function ringing() {
  const cluster = createTestCluster();
  const [one, other] = [await cluster.start("one"), await cluster.start("other")];
  const [alice, bob] = [await one.login("alice"), await other.login("bob")];
  await one.ask(alice, send);
  bob.acknowledge();
  await cluster.runtime.settle();
  return { ...cluster, one, other, alice, bob };
}

describe("one-outcome: an invitation between two nodes", () => {
  it("is told to the other side later if the engine fails behind the change", async () => {
    const { one, alice, bob, pass } = await ringing();
    one.connection.losesAnswer = (method) => {
      if (method === "sessions.find") one.connection.cut();
      return false;
    };

    const canceled = await one.ask(alice, cancel);
    const before = latest(bob);
    one.connection.losesAnswer = () => false;
    one.connection.heal();
    await pass(2_000, alice, bob);

    expect(answer(canceled, "cancelInvitation").invitation?.state).toBe(CANCELED);
    expect([before, latest(bob)]).toEqual([InvitationState.SENT, CANCELED]);
  });

  it("is told to both sides as it is if nobody could say whether the change was made", async () => {
    const { one, alice, bob, runtime } = await ringing();
    one.connection.losesAnswer = (method) => method === "invitations.replace";

    const canceled = await one.ask(alice, cancel);
    await runtime.settle();

    expect(answer(canceled, "error").code).toBe(ErrorCode.UNAVAILABLE);
    expect([latest(alice), latest(bob)]).toEqual([CANCELED, CANCELED]);
  });

  it("is confirmed later if the engine is away when the caller's client has the acceptance", async () => {
    const { one, other, alice, bob, pass } = await ringing();
    await other.ask(bob, accept);

    one.connection.cut();
    alice.acknowledge();
    await pass(2_000, alice, bob);
    const before = [latest(alice), latest(bob)];
    one.connection.heal();
    await pass(3_000, alice, bob);

    expect(before).toEqual([ACCEPT_SENT, InvitationState.SENT]);
    expect(latest(bob)).toBe(ACCEPTED);
  });

  it("ends for both in the same way when the caller's node dies", async () => {
    const { one, other, alice, bob, pass } = await ringing();
    expect(states(alice)).toEqual([RECEIVED]);

    one.crash();
    await pass(33_000, bob);
    await other.ask(bob, accept);

    expect(only(bob.events, "invitation").at(-1)).toMatchObject({ state: FAILED, endReason: InvitationEndReason.CALLER_GONE });
  });

  it("rings when it is sent again, if the node that had it died before it told anybody", async () => {
    const { one, other, alice, bob, runtime } = await ringing();
    const send2 = { $case: "sendInvitation" as const, value: { ...send.value, invitationId: "i2" } };
    one.connection.losesAnswer = (method) => method === "invitations.create";

    const lost = await one.ask(alice, send2);
    one.crash();
    const again = await other.login("alice");
    const second = await other.ask(again, send2);
    await runtime.settle();

    expect(answer(lost, "error").code).toBe(ErrorCode.UNAVAILABLE);
    expect(answer(second, "error").code).toBe(ErrorCode.INVITATION_ALREADY_SENT);
    expect(only(bob.events, "invitation").map(({ invitationId }) => invitationId)).toContain("i2");
  });
});
