import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { AttributeLifetime } from "../../../gen/aldis/v1/session.js";
import { getOf, setOwn } from "../../support/attribute-requests.js";
import { answer, saidIn, toPeer } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";

async function threeNodes() {
  const cluster = createTestCluster();
  const [one, other, third] = [await cluster.start("one"), await cluster.start("other"), await cluster.start("third")];
  return { ...cluster, one, other, third };
}

describe("one-session: a login takes over from a session", () => {
  it("whose node is cut off, and which ends when the node is back", async () => {
    const { one, other, pass } = await threeNodes();
    const first = await one.login("alice");

    one.connection.cut();
    const second = await other.login("alice");
    await pass(5_000, first, second);
    const before = first.goodbye;
    one.connection.heal();
    await pass(1_000, first, second);

    expect(before).toBeUndefined();
    expect(first.goodbye?.reason).toBe(GoodbyeReason.REMOTE_LOGIN);
    expect(second.goodbye).toBeUndefined();
  });

  it("also where the word of it is lost: the older one notices by itself", async () => {
    const { one, other, pass } = await threeNodes();
    const first = await one.login("alice");
    // The node that lets the newer one in dies before it can say so.
    other.connection.losesAnswer = (method) => {
      if (method === "sessions.claim") other.crash();
      return false;
    };
    await other.login("alice");

    await pass(12_000, first);

    expect(first.goodbye?.reason).toBe(GoodbyeReason.REMOTE_LOGIN);
  });

  it("whose node is dead: nothing of the older one is left, and nothing of the newer one is cleared", async () => {
    const { one, other, third, pass } = await threeNodes();
    const options = { attributeLifetime: AttributeLifetime.SESSION };
    const first = await one.login("alice", options);
    await one.ask(first, setOwn({ mood: "calm" }));
    const bob = await third.login("bob");

    one.crash();
    const second = await other.login("alice", options);
    await pass(90_000, second, bob);

    expect(second.goodbye).toBeUndefined();
    const attributes = answer(await third.ask(bob, getOf("alice")), "getUserAttributes").attributes;
    expect([...(attributes?.attributes.keys() ?? [])]).toEqual(["mood"]);
  });

  it("attributes that end with a session end with a node that dies", async () => {
    const { one, third, pass, engine } = await threeNodes();
    const alice = await one.login("alice", { attributeLifetime: AttributeLifetime.SESSION });
    await one.ask(alice, setOwn({ mood: "calm" }));
    const bob = await third.login("bob");

    one.crash();
    await pass(33_000, bob);

    const stored = await engine.attributes.read({ kind: "user", key: { appId: "test", userId: "alice" } });
    expect(stored.attributes.size).toBe(0);
  });

  it("peer-order: what a sender could not send before its session ended does not come behind what it sends in the next", async () => {
    const { one, other, third, pass, runtime } = await threeNodes();
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    alice.call(toPeer("bob", "1", { storeIfAway: true, clientMessageId: "1" }));
    other.stop();
    await runtime.settle();
    alice.call(toPeer("bob", "2", { storeIfAway: true, clientMessageId: "2" }));
    await runtime.settle();

    const again = await third.login("alice");
    bob.cut();
    const bobAgain = await third.login("bob");
    for (const id of ["1", "2", "3"]) again.call(toPeer("bob", id, { storeIfAway: true, clientMessageId: id }));
    await runtime.settle();
    bobAgain.acknowledge();
    await pass(60_000, again, bobAgain);

    expect(saidIn(bobAgain.events)).toEqual(["1", "2", "3"]);
  });

  it("peer-order: what waits for a receiver stays in front of what the sender sends over another node", async () => {
    const { one, other, third, pass, runtime } = await threeNodes();
    const [alice, bob] = [await other.login("alice"), await one.login("bob")];
    bob.cut();
    alice.call(toPeer("bob", "1", { storeIfAway: true }));
    await runtime.settle();
    const again = await third.login("alice");
    again.call(toPeer("bob", "2", { storeIfAway: true }));
    await runtime.settle();

    // The node of the first message hears late that the receiver's session is over.
    other.connection.delayMs = () => 500;
    const bobAgain = await one.login("bob");
    await pass(5_000, again, bobAgain);

    expect(saidIn(bobAgain.events)).toEqual(["1", "2"]);
  });

  it("peer-order: what is on its way to a session does not come to the one that replaces it, before what waits there", async () => {
    const { one, other, pass, runtime } = await threeNodes();
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    alice.call(toPeer("bob", "1", { storeIfAway: true }));
    await runtime.settle();
    one.connection.delayMs = () => 100;
    alice.call(toPeer("bob", "2", { storeIfAway: true }));
    // Its node has asked where bob is, twice, and has just sent it there.
    await runtime.advanceAsync(450);

    const again = await other.login("bob");
    await pass(5_000, alice, again);

    expect(saidIn(bob.events)).toEqual(["1"]);
    expect(saidIn(again.events)).toEqual(["1", "2"]);
  });
});

describe("a node that closes", () => {
  it("leaves, and what waits in it for clients who are gone is stored", async () => {
    const { one, other, third, runtime, engine, pass } = await threeNodes();
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    alice.cut();
    const call = bob.call(toPeer("alice", "hello", { storeIfAway: true }));
    await runtime.settle();

    await one.node.close();
    await runtime.settle();
    const again = await third.login("alice");

    expect(answer(bob.resultOf(call), "sendPeerMessage").outcome).toBe(DeliveryOutcome.STORED);
    expect(saidIn(again.events)).toEqual(["hello"]);
    await pass(40_000, bob, again);
    expect((await engine.nodes.list()).map(({ nodeId }) => nodeId)).toEqual(["other", "third"]);
  });
});
