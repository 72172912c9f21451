import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { InvitationEndReason, InvitationState, SendInvitationRequest } from "../../../gen/aldis/v1/invitation.js";
import type { RawClient } from "../../support/raw-client.js";
import { answer, only } from "../../support/requests.js";
import { type ClusterNode, createTestCluster, type TestCluster } from "../../support/test-cluster.js";

const { RECEIVED, ACCEPT_SENT, ACCEPTED, REFUSED, CANCELED, FAILED, ENDED } = InvitationState;

/** Within what time a change is told for a node that could not, in milliseconds. */
const soonMs = 2_500;

const send = {
  $case: "sendInvitation" as const,
  value: SendInvitationRequest.create({ invitationId: "i1", callee: "bob" }),
};
const cancel = { $case: "cancelInvitation" as const, value: { invitationId: "i1", content: "" } };
const accept = { $case: "acceptInvitation" as const, value: { invitationId: "i1", response: "" } };

const refuse = { $case: "refuseInvitation" as const, value: { invitationId: "i1", response: "" } };
const end = { $case: "endInvitation" as const, value: { invitationId: "i1", content: "" } };

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
    await pass(soonMs, alice, bob);

    expect(answer(canceled, "cancelInvitation").invitation?.state).toBe(CANCELED);
    expect([before, latest(bob)]).toEqual([InvitationState.SENT, CANCELED]);
  });

  it("is told to both sides as it is if nobody could say whether the change was made", async () => {
    const { one, alice, bob, pass } = await ringing();
    one.connection.losesAnswer = (method) => method === "invitations.replace";

    const canceled = await one.ask(alice, cancel);
    one.connection.losesAnswer = () => false;
    await pass(soonMs, alice, bob);

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

    expect(before).toEqual([ACCEPT_SENT, ACCEPT_SENT]);
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

  it("rings in the end if the node that had it died before it told anybody, and may be sent again", async () => {
    const { one, other, alice, bob, pass } = await ringing();
    const send2 = { $case: "sendInvitation" as const, value: { ...send.value, invitationId: "i2" } };
    one.connection.losesAnswer = (method) => method === "invitations.create";

    const lost = await one.ask(alice, send2);
    one.crash();
    const again = await other.login("alice");
    const second = await other.ask(again, send2);
    await pass(soonMs, again, bob);

    expect(answer(lost, "error").code).toBe(ErrorCode.UNAVAILABLE);
    expect(answer(second, "error").code).toBe(ErrorCode.INVITATION_ALREADY_SENT);
    expect(only(bob.events, "invitation").map(({ invitationId }) => invitationId)).toContain("i2");
  });
});

/** Alice and bob, on two nodes, in a call. */
async function calling() {
  const cluster = await ringing();
  const { other, alice, bob, runtime } = cluster;
  await other.ask(bob, accept);
  alice.acknowledge();
  await runtime.settle();
  return cluster;
}

/** The invitations whose timer is due within a time. */
function dueWithin(ms: number, { engine, runtime }: TestCluster) {
  return engine.invitations.due(runtime.clock.now() + ms, 10);
}

/** From now on a node dies as soon as it has changed an invitation, before it knows it. Gives how many changes that were. */
function diesBehindChange(node: ClusterNode): () => number {
  let changes = 0;
  node.connection.losesAnswer = (method) => {
    if (method !== "invitations.replace" && method !== "invitations.create") return false;
    changes += 1;
    node.crash();
    return false;
  };
  return () => changes;
}

describe("one-outcome: a node dies between a change of an invitation and the telling of it", () => {
  const begun = { ringing, calling };

  it.each([
    { name: "CANCEL", from: "ringing", by: "alice", request: cancel, state: CANCELED },
    { name: "REFUSE", from: "ringing", by: "bob", request: refuse, state: REFUSED },
    { name: "ACCEPT", from: "ringing", by: "bob", request: accept, state: ACCEPT_SENT },
    { name: "END by the caller", from: "calling", by: "alice", request: end, state: ENDED },
    { name: "END by the callee", from: "calling", by: "bob", request: end, state: ENDED },
  ] as const)("the other side hears of $name all the same, once", async ({ from, by, request, state }) => {
    const cluster = await begun[from]();
    const { one, other, alice, bob, pass } = cluster;
    const [node, client, hearer] = by === "alice" ? [one, alice, bob] : [other, bob, alice];
    const changes = diesBehindChange(node);
    const before = states(hearer);

    await node.ask(client, request);
    const atOnce = states(hearer);
    await pass(soonMs, hearer);
    const later = states(hearer);
    await pass(20_000, hearer);

    expect(changes()).toBe(1);
    expect(atOnce).toEqual(before);
    expect(later).toEqual([...before, state]);
    expect(states(hearer)).toEqual(later);
    expect(await dueWithin(soonMs, cluster)).toEqual([]);
  });

  it("the caller hears that it rings, and the callee that the caller knows of the acceptance", async () => {
    const cluster = createTestCluster();
    const [one, other] = [await cluster.start("one"), await cluster.start("other")];
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    await one.ask(alice, send);
    diesBehindChange(other);
    bob.acknowledge();
    await cluster.runtime.settle();
    expect(states(alice)).toEqual([]);
    await cluster.pass(soonMs, alice);
    expect(states(alice)).toEqual([RECEIVED]);

    const third = await cluster.start("third");
    const again = await third.login("bob");
    await third.ask(again, accept);
    diesBehindChange(one);
    alice.acknowledge();
    await cluster.runtime.settle();
    expect(latest(again)).toBe(RECEIVED);
    await cluster.pass(soonMs, again);
    expect(latest(again)).toBe(ACCEPTED);
  });

  it("the callee is rung though nobody sends it again", async () => {
    const cluster = createTestCluster();
    const [one, other] = [await cluster.start("one"), await cluster.start("other")];
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    diesBehindChange(one);

    await one.ask(alice, send);
    const atOnce = states(bob);
    await cluster.pass(soonMs, bob);

    expect([atOnce, states(bob)]).toEqual([[], [InvitationState.SENT]]);
  });

  it("both sides hear that it has expired", async () => {
    const cluster = createTestCluster();
    const [timer, other] = [await cluster.start("timer"), await cluster.start("other")];
    const [alice, bob] = [await other.login("alice"), await other.login("bob")];
    const value = { ...send.value, answerTimeoutMs: 10_000 };
    await other.ask(alice, { ...send, value });
    bob.acknowledge();
    await cluster.pass(9_000, alice, bob);
    const changes = diesBehindChange(timer);

    await cluster.pass(1_500, alice, bob);
    const before = [latest(alice), latest(bob)];
    await cluster.pass(soonMs, alice, bob);

    expect(changes()).toBe(1);
    expect(before).toEqual([RECEIVED, InvitationState.SENT]);
    expect([latest(alice), latest(bob)]).toEqual([FAILED, FAILED]);
  });
});

describe("the telling of an invitation", () => {
  it("is done once where nobody dies, whatever time passes", async () => {
    const cluster = await calling();
    const { one, alice, bob, pass, runtime } = cluster;
    await pass(60_000, alice, bob);
    await one.ask(alice, end);
    await runtime.settle();
    const timers = await dueWithin(600_000, cluster);
    await pass(60_000, alice, bob);

    expect(states(alice)).toEqual([RECEIVED, ACCEPT_SENT]);
    expect(states(bob)).toEqual([InvitationState.SENT, ACCEPTED, ENDED]);
    expect(timers).toEqual([]);
  });

  it("is repeated once for a callee whose client does not acknowledge it", async () => {
    const cluster = createTestCluster();
    const [one, other] = [await cluster.start("one"), await cluster.start("other")];
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    await one.ask(alice, send);
    await cluster.pass(25_000, alice, bob);

    expect(states(bob)).toEqual([InvitationState.SENT, InvitationState.SENT]);
  });

  it("is not repeated while a callee is away", async () => {
    const cluster = createTestCluster();
    const one = await cluster.start("one");
    const alice = await one.login("alice");
    await one.ask(alice, send);
    await cluster.pass(25_000, alice);

    expect(states(alice)).toEqual([]);
  });
});
