import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { DeliveryOutcome, SendConfirmation } from "../../gen/aldis/v1/message.js";
import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { RawClient } from "../support/raw-client.js";
import { answer, countMembers, join, only, queryPresence, saidIn, toChannel, toPeer } from "../support/requests.js";
import { startTestNode, type TestNode, testApp, testToken } from "../support/test-node.js";

const accepted = { confirmation: SendConfirmation.ACCEPTED };

/** Alice has sent bob three messages; bob has heard them all, and acknowledged the first. */
async function threeSent(): Promise<TestNode & { alice: RawClient; bob: RawClient }> {
  const test = await startTestNode();
  const [alice, bob] = [await test.login("alice"), await test.login("bob")];
  for (const said of ["one", "two", "three"]) await test.ask(alice, toPeer("bob", said, accepted));
  bob.acknowledge({ events: 1 });
  return { ...test, alice, bob };
}

describe("a resume", () => {
  it("no-silent-loss, no-duplicate: plays again what the client has not received, in order and once", async () => {
    const { alice, bob, resume, ask } = await threeSent();

    bob.cut();
    await ask(alice, toPeer("bob", "four", accepted));
    const again = await resume(bob, "bob", { eventsReceived: 2 });

    expect(again.welcome).toMatchObject({
      start: SessionStart.RESUMED,
      sessionId: bob.welcome.sessionId,
      eventsAcknowledged: 2,
    });
    expect(saidIn(again.events)).toEqual(["three", "four"]);
  });

  it("plays nothing again that was acknowledged, and twice what was lost twice", async () => {
    const { bob, resume } = await threeSent();

    bob.cut();
    const second = await resume(bob, "bob", { eventsReceived: 1 });
    second.cut();
    const third = await resume(second, "bob", { eventsReceived: 2 });
    third.acknowledge();
    third.cut();
    const fourth = await resume(third, "bob");

    expect(saidIn(second.events)).toEqual(["two", "three"]);
    expect(saidIn(third.events)).toEqual(["three"]);
    expect(fourth.welcome).toMatchObject({ start: SessionStart.RESUMED, eventsAcknowledged: 3 });
    expect(fourth.events).toEqual([]);
  });

  it("plays results again too, in their place among the events, and tells how many calls the server has", async () => {
    const { login, resume, ask } = await startTestNode();
    const alice = await login("alice");
    const first = await ask(alice, toPeer("alice", "one", accepted));
    await ask(alice, queryPresence("alice"));

    alice.cut();
    const again = await resume(alice, "alice", { eventsReceived: 0, resultsReceived: 0 });

    expect(again.welcome).toMatchObject({ callsReceived: 2, resultsAcknowledged: 0 });
    expect(again.results.map(({ callId }) => callId)).toEqual([1, 2]);
    expect(again.resultOf(1)).toEqual(first);
    expect(saidIn(again.events)).toEqual(["one"]);
  });

  it("true-receipt: answers a call that was in flight during the cut once, after the receiver's acknowledgement", async () => {
    const { login, resume, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    const call = alice.call(toPeer("bob", "hi"));
    await runtime.settle();
    alice.cut();
    bob.acknowledge();
    await runtime.settle();
    const again = await resume(alice, "alice");

    expect(again.results.map(({ callId }) => callId)).toEqual([call]);
    expect(again.resultOf(call)).toMatchObject({ value: { outcome: DeliveryOutcome.DELIVERED } });
  });

  it("true-receipt: a receiver that resumes acknowledges with its count what it had received before the cut", async () => {
    const { login, resume, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];
    const call = alice.call(toPeer("bob", "hi"));
    await runtime.settle();

    bob.cut();
    await runtime.settle();
    expect(alice.resultOf(call)).toBeUndefined();
    const again = await resume(bob, "bob");

    expect(alice.resultOf(call)).toMatchObject({ value: { outcome: DeliveryOutcome.DELIVERED } });
    expect(again.events).toEqual([]);
  });

  it("true-receipt: a message that was lost in the cut counts as delivered only after the next acknowledgement", async () => {
    const { login, resume, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];
    const call = alice.call(toPeer("bob", "hi"));
    await runtime.settle();

    bob.cut();
    const again = await resume(bob, "bob", { eventsReceived: 0 });
    expect(alice.resultOf(call)).toBeUndefined();
    again.acknowledge();
    await runtime.settle();

    expect(alice.resultOf(call)).toMatchObject({ value: { outcome: DeliveryOutcome.DELIVERED } });
  });

  it("works while the old link is still open, which is told STREAM_REPLACED", async () => {
    const { alice, bob, resume, ask } = await threeSent();

    const again = await resume(bob, "bob");
    await ask(alice, toPeer("bob", "four", accepted));

    expect(again.welcome.start).toBe(SessionStart.RESUMED);
    expect(bob.goodbye).toMatchObject({ reason: GoodbyeReason.STREAM_REPLACED });
    expect(bob.closed).toBe(true);
    expect(saidIn(again.events)).toEqual(["four"]);
  });

  it("a call on the old link is answered once if it came before the resume, and never if it came later", async () => {
    for (let ahead = 0; ahead < 15; ahead += 1) {
      const { login, connect, runtime } = await startTestNode();
      const alice = await login("alice");
      const { sessionId, resumeToken } = alice.welcome;
      const again = connect();

      const resume = { sessionId, resumeToken, eventsReceived: 0, resultsReceived: 0 };
      again.hello({ appId: testApp, userId: "alice", token: testToken("alice"), resume });
      for (let step = 0; step < ahead; step += 1) await Promise.resolve();
      alice.call(queryPresence("alice"));
      await runtime.settle();

      expect(again.welcome.start).toBe(SessionStart.RESUMED);
      expect(again.results).toHaveLength(again.welcome.callsReceived);
    }
  });
});

describe("the resume window", () => {
  it("is open until 120 s after the cut", async () => {
    const { bob, resume, runtime } = await threeSent();

    bob.cut();
    await runtime.advanceAsync(defaultLimits.resumeWindowMs - 1);

    expect((await resume(bob, "bob")).welcome.start).toBe(SessionStart.RESUMED);
  });

  it("past it the client is told EXPIRED and has a new session", async () => {
    const { bob, resume, runtime } = await threeSent();

    bob.cut();
    await runtime.advanceAsync(defaultLimits.resumeWindowMs + 1_000);
    const again = await resume(bob, "bob");

    expect(again.welcome).toMatchObject({ start: SessionStart.EXPIRED, callsReceived: 0, eventsAcknowledged: 0 });
    expect(again.welcome.sessionId).not.toBe(bob.welcome.sessionId);
    expect(again.events).toEqual([]);
  });
});

describe("presence and channels through a cut", () => {
  /** Alice and bob are in a room, and alice's link is cut. */
  async function cutInRoom() {
    const test = await startTestNode();
    const [alice, bob] = [await test.login("alice"), await test.login("bob")];
    for (const client of [alice, bob]) await test.ask(client, join("room"));
    alice.acknowledge();
    alice.cut();
    return { ...test, alice, bob };
  }

  it("presence-bound: a break below 30 s shows nobody a leave and a join, and its messages are played", async () => {
    const { alice, bob, resume, pass, ask } = await cutInRoom();

    await pass(29_000, bob);
    await ask(bob, toChannel("room", "meanwhile"));
    const again = await resume(alice, "alice");
    await pass(10_000, bob, again);

    expect(saidIn(again.events)).toEqual(["meanwhile"]);
    expect(only(bob.events, "memberLeft")).toEqual([]);
    expect(only(bob.events, "memberJoined")).toEqual([]);
  });

  it("presence-bound: after 30 s others see the user offline and out of its channels, by 33 s at the latest", async () => {
    const { bob, pass, ask } = await cutInRoom();

    await pass(defaultLimits.presenceGraceMs - 1, bob);
    expect(only(bob.events, "memberLeft")).toEqual([]);
    await pass(3_001, bob);

    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "alice", reason: LeaveReason.CONNECTION_LOST }]);
    expect(answer(await ask(bob, queryPresence("alice")), "queryPresence").presences).toMatchObject([
      { state: PresenceState.OFFLINE },
    ]);
    expect(answer(await ask(bob, countMembers("room")), "getMemberCounts").counts).toMatchObject([{ memberCount: 1 }]);
  });

  it("a resume within 120 s brings the user back into its channels, with the messages of the time between", async () => {
    const { alice, bob, resume, pass, ask } = await cutInRoom();

    await pass(60_000, bob);
    await ask(bob, toChannel("room", "meanwhile"));
    await pass(50_000, bob);
    const again = await resume(alice, "alice");
    await ask(bob, toChannel("room", "now"));

    expect(saidIn(again.events)).toEqual(["meanwhile", "now"]);
    expect(only(bob.events, "memberJoined")).toEqual([{ channel: "room", userId: "alice" }]);
    expect(answer(await ask(bob, queryPresence("alice")), "queryPresence").presences).toMatchObject([
      { state: PresenceState.ONLINE },
    ]);
    expect(answer(await ask(again, toChannel("room", "me too")), "sendChannelMessage").position?.offset).toBe(3);
  });

  it("a session whose window is over leaves its channels once", async () => {
    const { bob, pass } = await cutInRoom();

    await pass(defaultLimits.resumeWindowMs + 5_000, bob);

    expect(only(bob.events, "memberLeft")).toHaveLength(1);
  });
});
