import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { InvitationEndReason, InvitationState, SendInvitationRequest } from "../../gen/aldis/v1/invitation.js";
import type { CallResult } from "../../gen/aldis/v1/stream.js";
import type { RawClient } from "../support/raw-client.js";
import { startTestNode, type TestNode } from "../support/test-node.js";

async function ring(node: TestNode, more: Partial<SendInvitationRequest> = {}) {
  const [alice, bob] = [await node.login("alice"), await node.login("bob")];
  const sent = await answer(node, alice, send(more));
  return { alice, bob, sent };
}

const send = (more: Partial<SendInvitationRequest> = {}) => ({
  $case: "sendInvitation" as const,
  value: SendInvitationRequest.create({ invitationId: "i1", callee: "bob", channel: "room", content: "hi", ...more }),
});
const accept = { $case: "acceptInvitation" as const, value: { invitationId: "i1", response: "yes" } };
const refuse = { $case: "refuseInvitation" as const, value: { invitationId: "i1", response: "busy" } };
const cancel = { $case: "cancelInvitation" as const, value: { invitationId: "i1", content: "never mind" } };
const end = { $case: "endInvitation" as const, value: { invitationId: "i1", content: "bye" } };

async function answer(
  { runtime }: TestNode,
  client: RawClient,
  request: Parameters<RawClient["call"]>[0],
): Promise<CallResult["outcome"]> {
  const call = client.call(request);
  await runtime.settle();
  return client.resultOf(call);
}

/** The states of the invitation that a client has heard of, in order. */
function heard(client: RawClient): InvitationState[] {
  return client.events.flatMap((event) => (event.$case === "invitation" ? [event.value.state] : []));
}

function lastHeard(client: RawClient) {
  return client.events.findLast((event) => event.$case === "invitation")?.value;
}

const { SENT, RECEIVED, ACCEPT_SENT, ACCEPTED, REFUSED, CANCELED, FAILED, ENDED } = InvitationState;

describe("an invitation", () => {
  it("rings, and its caller hears that the callee's client has it", async () => {
    const node = await startTestNode();
    const { alice, bob, sent } = await ring(node);

    expect(sent).toMatchObject({ $case: "sendInvitation", value: { invitation: { state: SENT, version: 1 } } });
    expect(lastHeard(bob)).toMatchObject({ state: SENT, caller: "alice", channel: "room", content: "hi" });
    expect(heard(alice)).toEqual([]);

    bob.acknowledge();
    await node.runtime.settle();
    expect(heard(alice)).toEqual([RECEIVED]);
  });

  it("is accepted in three steps, and ended by either side", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);
    bob.acknowledge();

    expect(await answer(node, bob, accept)).toMatchObject({ value: { invitation: { state: ACCEPT_SENT, response: "yes" } } });
    expect(heard(alice)).toEqual([RECEIVED, ACCEPT_SENT]);
    alice.acknowledge();
    await node.runtime.settle();
    expect(heard(bob)).toEqual([SENT, ACCEPTED]);
    await answer(node, bob, end);

    expect(heard(alice)).toEqual([RECEIVED, ACCEPT_SENT, ENDED]);
    expect(lastHeard(alice)).toMatchObject({ endReason: InvitationEndReason.ENDED, endContent: "bye", endedBy: "bob" });
  });

  it("is refused with a response", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);

    await answer(node, bob, refuse);

    expect(lastHeard(alice)).toMatchObject({ state: REFUSED, response: "busy", endReason: InvitationEndReason.REFUSED });
  });

  it("is cancelled by its caller, with a content", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);

    await answer(node, alice, cancel);

    expect(lastHeard(bob)).toMatchObject({ state: CANCELED, endContent: "never mind", endedBy: "alice" });
  });

  it.each([
    { name: "accept, then cancel", calls: ["bob accept", "alice cancel"], loser: ErrorCode.INVITATION_ALREADY_ACCEPT },
    { name: "cancel, then accept", calls: ["alice cancel", "bob accept"], loser: ErrorCode.INVITATION_ALREADY_END },
    { name: "refuse, then cancel", calls: ["bob refuse", "alice cancel"], loser: ErrorCode.INVITATION_ALREADY_END },
    { name: "accept twice", calls: ["bob accept", "bob accept"], loser: ErrorCode.INVITATION_ALREADY_ACCEPT },
    { name: "refuse after the own accept", calls: ["bob accept", "bob refuse"], loser: ErrorCode.INVITATION_ALREADY_ACCEPT },
    { name: "end before the acceptance", calls: ["bob nothing", "alice end"], loser: ErrorCode.INVITATION_NOT_STARTED },
  ])("one-outcome: $name has one winner, and the loser hears the state", async ({ calls, loser }) => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);
    const requests = {
      accept,
      refuse,
      cancel,
      end,
      nothing: { $case: "listInvitations", value: { receivedOnly: false } },
    } as const;

    const made = calls.map((call) => {
      const [who, what] = call.split(" ") as ["alice" | "bob", keyof typeof requests];
      const client = who === "alice" ? alice : bob;
      return { client, id: client.call(requests[what]) };
    });
    await node.runtime.settle();
    const [winner, second] = made.map(({ client, id }) => client.resultOf(id));

    expect(winner?.$case).not.toBe("error");
    expect(second).toMatchObject({ $case: "error", value: { code: loser } });
    expect(second?.$case === "error" && second.value.invitationState).toBeGreaterThan(0);
  });

  it("reaches a callee who logs in within 30 s, and fails as PEER_OFFLINE after them", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    await answer(node, alice, send());
    await answer(node, alice, send({ invitationId: "i2", callee: "carol" }));

    await node.runtime.advanceAsync(10_000);
    alice.send({ $case: "ping", value: { nonce: 1 } });
    const bob = await node.login("bob");
    expect(heard(bob)).toEqual([SENT]);
    bob.acknowledge();
    for (let i = 0; i < 6; i += 1) {
      await node.runtime.advanceAsync(4_000);
      alice.send({ $case: "ping", value: { nonce: 1 } });
    }

    expect(
      alice.events.map((event) => event.$case === "invitation" && [event.value.invitationId, event.value.endReason]),
    ).toContainEqual(["i2", InvitationEndReason.PEER_OFFLINE]);
  });

  it("fails as PEER_NO_RESPONSE when the callee's client does not receive it in its time", async () => {
    const node = await startTestNode();
    const { alice } = await ring(node, { receiveTimeoutMs: 3_000 });

    await node.runtime.advanceAsync(2_900);
    // Nobody knows whether the callee has heard of it, so both are told again.
    expect(heard(alice)).toEqual([SENT]);
    await node.runtime.advanceAsync(400);

    expect(lastHeard(alice)).toMatchObject({ state: FAILED, endReason: InvitationEndReason.PEER_NO_RESPONSE });
  });

  it("fails as EXPIRED on both sides when it is not answered, and its dead timer never fires", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node, { answerTimeoutMs: 5_000 });
    bob.acknowledge();

    await node.runtime.advanceAsync(5_500);
    expect(lastHeard(alice)).toMatchObject({ state: FAILED, endReason: InvitationEndReason.EXPIRED });
    expect(lastHeard(bob)).toMatchObject({ state: FAILED, endReason: InvitationEndReason.EXPIRED });
    const before = alice.events.length;
    await node.runtime.advanceAsync(8_000);

    expect(alice.events).toHaveLength(before);
  });

  it("fails at once when its caller wants the callee online and it is not", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");

    expect(await answer(node, alice, send({ offlineTimeoutMs: 0 }))).toMatchObject({
      $case: "error",
      value: { code: ErrorCode.PEER_UNREACHABLE },
    });
  });

  it("fails when its caller logs out before the answer", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);

    await answer(node, alice, { $case: "logout", value: {} });

    expect(lastHeard(bob)).toMatchObject({ state: FAILED, endReason: InvitationEndReason.CALLER_GONE });
  });

  it("ends when both sides of a call are gone, and not before", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);
    await answer(node, bob, accept);
    alice.acknowledge();
    await node.runtime.settle();

    await answer(node, alice, { $case: "logout", value: {} });
    expect(heard(bob)).toEqual([SENT, ACCEPTED]);
    await answer(node, bob, { $case: "logout", value: {} });
    const back = await node.login("alice");

    expect(await answer(node, back, { $case: "getInvitation", value: { invitationId: "i1" } })).toMatchObject({
      value: { invitation: { state: ENDED, endReason: InvitationEndReason.BOTH_GONE } },
    });
  });

  it("never rings twice over a resume, and is listed for a client that comes back", async () => {
    const node = await startTestNode();
    const { bob } = await ring(node);
    bob.acknowledge();
    await node.runtime.settle();
    const { sessionId, resumeToken } = bob.welcome;
    bob.cut();

    const again = await node.login("bob", { resume: { sessionId, resumeToken, eventsReceived: 1, resultsReceived: 0 } });

    expect(again.events).toEqual([]);
    const listed = await answer(node, again, { $case: "listInvitations", value: { receivedOnly: true } });
    expect(listed).toMatchObject({ value: { invitations: [{ invitationId: "i1", state: RECEIVED }] } });
  });

  it("carries digits to the other side while it lives", async () => {
    const node = await startTestNode();
    const { alice, bob } = await ring(node);
    const dtmf = (digits: string) => ({ $case: "sendDtmf" as const, value: { invitationId: "i1", digits } });

    expect(await answer(node, alice, dtmf("12*#"))).toMatchObject({ $case: "sendDtmf" });
    expect(bob.events.at(-1)).toEqual({
      $case: "invitationDtmf",
      value: { invitationId: "i1", sender: "alice", digits: "12*#" },
    });
    expect(await answer(node, alice, dtmf("12a"))).toMatchObject({
      value: { code: ErrorCode.INVALID_ARGUMENT, field: "digits" },
    });
    await answer(node, alice, cancel);
    expect(await answer(node, alice, dtmf("1"))).toMatchObject({ value: { code: ErrorCode.INVITATION_ALREADY_END } });
  });
});

describe("bad input about invitations", () => {
  it.each([
    { name: "content over 8 KiB", request: send({ content: "x".repeat(8193) }), code: ErrorCode.PAYLOAD_TOO_LARGE },
    { name: "a call to oneself", request: send({ callee: "alice" }), code: ErrorCode.INVALID_ARGUMENT },
    { name: "an empty callee", request: send({ callee: "" }), code: ErrorCode.INVALID_USER_ID },
    { name: "too much patience", request: send({ answerTimeoutMs: 60_001 }), code: ErrorCode.INVALID_ARGUMENT },
    { name: "negative patience", request: send({ receiveTimeoutMs: -1 }), code: ErrorCode.INVALID_ARGUMENT },
    { name: "an unknown invitation", request: accept, code: ErrorCode.INVITATION_NOT_FOUND },
  ])("$name is refused", async ({ request, code }) => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    await node.login("bob");

    expect(await answer(node, alice, request)).toMatchObject({ $case: "error", value: { code } });
  });

  it("sending the same again is told from sending one that is over", async () => {
    const node = await startTestNode();
    const { alice } = await ring(node);

    expect(await answer(node, alice, send())).toMatchObject({ value: { code: ErrorCode.INVITATION_ALREADY_SENT } });
    await answer(node, alice, cancel);
    expect(await answer(node, alice, send())).toMatchObject({
      value: { code: ErrorCode.INVITATION_ALREADY_END, invitationState: CANCELED },
    });
  });

  it("nobody touches or sees the invitation of others, and nobody accepts its own", async () => {
    const node = await startTestNode();
    const { alice } = await ring(node);
    const eve = await node.login("eve");

    expect(await answer(node, eve, accept)).toMatchObject({ value: { code: ErrorCode.INVITATION_NOT_FOUND } });
    expect(await answer(node, eve, { $case: "getInvitation", value: { invitationId: "i1" } })).toMatchObject({
      value: { code: ErrorCode.INVITATION_NOT_FOUND },
    });
    expect(await answer(node, alice, accept)).toMatchObject({ value: { code: ErrorCode.NOT_AUTHORIZED } });
  });

  it("only one lives for a channel and callee where its caller wants that", async () => {
    const node = await startTestNode();
    const { alice } = await ring(node, { onePerChannelAndCallee: true });

    const second = send({ invitationId: "i2", onePerChannelAndCallee: true });
    expect(await answer(node, alice, second)).toMatchObject({ value: { code: ErrorCode.INVITATION_DUPLICATE } });
    await answer(node, alice, cancel);
    expect(await answer(node, alice, second)).toMatchObject({ $case: "sendInvitation" });
  });

  it("a hundred live at once, and one more is refused", async () => {
    const node = await startTestNode({ invitationCalls: 1000 });
    const alice = await node.login("alice");
    for (let i = 0; i < 100; i += 1) await answer(node, alice, send({ invitationId: `n${i}` }));

    expect(await answer(node, alice, send())).toMatchObject({
      value: { code: ErrorCode.TOO_MANY_INVITATIONS, limit: "LIMIT_INVITATIONS_PER_USER" },
    });
  });
});
