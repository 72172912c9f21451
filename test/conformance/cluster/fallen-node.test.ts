import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { PresenceState, SubscribePresenceRequest } from "../../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { answer, join, listMembers, only, queryPresence, saidIn, toPeer } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";
import { testApp } from "../../support/test-node.js";

const subscribe = (...userIds: string[]) => ({
  $case: "subscribePresence" as const,
  value: SubscribePresenceRequest.create({ userIds }),
});

/** Bob on one node, who watches alice and is in a channel with her; alice on another one. */
async function aliceAndBob() {
  const cluster = createTestCluster();
  const [one, other, third] = [await cluster.start("one"), await cluster.start("other"), await cluster.start("third")];
  const [alice, bob] = [await one.login("alice"), await other.login("bob")];
  await other.ask(bob, subscribe("alice"));
  await other.ask(bob, join("room"));
  await one.ask(alice, join("room"));
  const states = () => only(bob.events, "presence").map(({ state }) => state);
  const left = () => only(bob.events, "memberLeft").map(({ userId, reason }) => [userId, reason]);
  return { ...cluster, one, other, third, alice, bob, states, left };
}

describe("a node that dies", () => {
  it("presence-bound: its users are shown offline after 30 s and within 33 s, and leave their channels, once", async () => {
    const { one, bob, pass, states, left } = await aliceAndBob();

    one.crash();
    await pass(29_500, bob);
    const before = [states(), left()];
    await pass(3_500, bob);
    const after = [states(), left()];
    await pass(60_000, bob);

    expect(before).toEqual([[], []]);
    expect(after).toEqual([[PresenceState.OFFLINE], [["alice", LeaveReason.CONNECTION_LOST]]]);
    expect([states(), left()]).toEqual(after);
  });

  it("presence-bound: a user who comes back on another node meanwhile is seen by nobody to leave and join", async () => {
    const { one, third, other, bob, runtime, pass, states, left } = await aliceAndBob();

    one.crash();
    await pass(10_000, bob);
    const alice = await third.login("alice");
    await third.ask(alice, join("room"));
    await pass(60_000, alice, bob);
    await runtime.settle();

    expect([states(), left(), only(bob.events, "memberJoined").map(({ userId }) => userId)]).toEqual([[], [], ["alice"]]);
    expect(answer(await other.ask(bob, listMembers("room")), "listMembers").members.sort()).toEqual(["alice", "bob"]);
  });

  it("has what was on its way to its sessions stored, and the senders told", async () => {
    const { one, third, bob, pass } = await aliceAndBob();
    const call = bob.call(toPeer("alice", "hello", { storeIfAway: true }));
    await one.runtime.settle();

    one.crash();
    await pass(5_000, bob);
    const waiting = bob.resultOf(call);
    await pass(28_000, bob);
    const alice = await third.login("alice");

    expect(waiting).toBeUndefined();
    // The wait of the sender for a receipt is shorter than the lease.
    expect(answer(bob.resultOf(call), "error").code).toBe(ErrorCode.TIMEOUT);
    expect(saidIn(alice.events)).toEqual(["hello"]);
  });

  it("leaves nothing for ever where the node that clears dies too", async () => {
    const { one, third, bob, other, pass, states, left, engine } = await aliceAndBob();
    one.crash();
    await pass(20_000, bob);

    third.crash();
    await pass(45_000, bob);

    expect([states(), left()]).toEqual([[PresenceState.OFFLINE], [["alice", LeaveReason.CONNECTION_LOST]]]);
    expect((await engine.nodes.list()).map(({ nodeId }) => nodeId)).toEqual([other.nodeId]);
  });
});

describe("a node that cannot renew its lease", () => {
  it("serves on after a short cut, and nobody sees anything", async () => {
    const { one, alice, bob, pass, states, left } = await aliceAndBob();

    one.connection.cut();
    await pass(20_000, alice, bob);
    const during = answer(await one.ask(alice, queryPresence("bob")), "error");
    one.connection.heal();
    await pass(40_000, alice, bob);

    expect(during).toMatchObject({ code: ErrorCode.UNAVAILABLE, retryAfterMs: 1000 });
    expect([states(), left(), alice.goodbye]).toEqual([[], [], undefined]);
    expect(answer(await one.ask(alice, queryPresence("bob")), "queryPresence").presences[0]?.state).toBe(PresenceState.ONLINE);
  });

  it("refuses calls, logins and resumes from when its lease may be over, before it asks the engine", async () => {
    const { one, alice, bob, pass } = await aliceAndBob();
    const carol = await one.login("carol");

    one.connection.cut();
    carol.cut();
    await pass(31_000, alice, bob);
    let asked = 0;
    one.connection.losesAnswer = (method) => {
      if (/^(sessions|rates)/.test(method)) asked += 1;
      return false;
    };
    one.connection.heal();
    const [call, login, resume] = [
      await one.ask(alice, queryPresence("bob")),
      await one.login("dave"),
      await one.resume(carol, "carol"),
    ];

    expect(answer(call, "error")).toMatchObject({ code: ErrorCode.UNAVAILABLE, retryAfterMs: 1000 });
    expect([login, resume].map(({ goodbye }) => goodbye?.error?.code)).toEqual([ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE]);
    expect(asked).toBe(0);
  });

  it("ends its sessions when it hears that it has fallen, and is a node again", async () => {
    const { one, alice, bob, pass, states, left } = await aliceAndBob();

    one.connection.cut();
    await pass(40_000, alice, bob);
    one.connection.heal();
    await pass(5_000, alice, bob);

    expect(alice.goodbye?.reason).toBe(GoodbyeReason.SESSION_EXPIRED);
    expect([states(), left()]).toEqual([[PresenceState.OFFLINE], [["alice", LeaveReason.CONNECTION_LOST]]]);
    bob.acknowledge();
    const again = await one.login("alice");
    await one.ask(again, join("room"));
    await pass(60_000, again, bob);
    expect([again.goodbye, states()]).toEqual([undefined, [PresenceState.OFFLINE, PresenceState.ONLINE]]);
  });

  it("does not go on with a session after its process stood still for long", async () => {
    const { one, alice, bob, pass, states } = await aliceAndBob();

    one.stop();
    await pass(40_000, bob);
    one.go();
    alice.ping();
    await pass(5_000, bob);
    bob.acknowledge();
    const again = await one.resume(alice, "alice");

    expect(again.welcome.start).toBe(SessionStart.EXPIRED);
    expect(states()).toEqual([PresenceState.OFFLINE, PresenceState.ONLINE]);
  });

  it("nobody falls where the engine was away for all", async () => {
    const { one, other, third, alice, bob, pass, states, left } = await aliceAndBob();

    for (const node of [one, other, third]) node.connection.cut();
    await pass(120_000, alice, bob);
    for (const node of [one, other, third]) node.connection.heal();
    await pass(60_000, alice, bob);

    expect([states(), left(), alice.goodbye, bob.goodbye]).toEqual([[], [], undefined, undefined]);
  });

  it("an engine that has lost its data ends all sessions, which may begin again", async () => {
    const { one, other, alice, bob, shared, pass } = await aliceAndBob();

    shared.loseData();
    await pass(2_000, alice, bob);
    const [first, second] = [await one.login("alice"), await other.login("bob")];
    const delivered = first.call(toPeer("bob", "hello"));
    await one.runtime.settle();
    second.acknowledge();
    await pass(1_000, first, second);

    expect([alice, bob].map(({ goodbye }) => goodbye?.reason)).toEqual([
      GoodbyeReason.SESSION_EXPIRED,
      GoodbyeReason.SESSION_EXPIRED,
    ]);
    expect(answer(first.resultOf(delivered), "sendPeerMessage").outcome).toBe(DeliveryOutcome.DELIVERED);
  });

  it("no-silent-loss: a login that is under way when its node falls is refused, and what is stored meanwhile comes with the next", async () => {
    const { one, other, shared, pass } = await aliceAndBob();
    let delayMs = 0;
    one.connection.delayMs = () => delayMs;
    // The node has asked for a renewal when it claims the user, and hears that it has fallen before it hears of the claim.
    one.connection.losesAnswer = (method) => {
      if (method === "rates.take") delayMs = 1_500;
      return false;
    };

    shared.loseData();
    const carol = await one.login("carol");
    await pass(3_000, carol);
    const bob = await other.login("bob");
    await pass(3_200, carol, bob);
    const stored = await other.ask(bob, toPeer("carol", "hello", { storeIfAway: true }));
    delayMs = 0;
    await pass(8_000, carol, bob);

    expect(answer(stored, "sendPeerMessage").outcome).toBe(DeliveryOutcome.STORED);
    expect(carol.goodbye?.error?.code).toBe(ErrorCode.UNAVAILABLE);
    expect(await shared.engine.sessions.find({ appId: testApp, userId: "carol" })).toBeUndefined();
    const again = await other.login("carol");
    expect(saidIn(again.events)).toEqual(["hello"]);
  });
});
