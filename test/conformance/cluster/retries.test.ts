import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { answer, only, saidIn, toPeer } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";

const toBob = (more = {}) => toPeer("bob", "hello", { clientMessageId: "1", ...more });

/** Alice, whose node is one, and bob, whose node is another. */
async function sender() {
  const cluster = createTestCluster();
  const [one, other, third] = [await cluster.start("one"), await cluster.start("other"), await cluster.start("third")];
  return { ...cluster, one, other, third, alice: await one.login("alice"), bob: await other.login("bob") };
}

describe("no-duplicate: a message that is sent again over another node", () => {
  it("is not queued again while the first one is in the queue, and both senders hear of the receipt", async () => {
    const { one, third, bob, alice, runtime } = await sender();
    alice.call(toBob());
    await runtime.settle();
    one.crash();
    const again = await third.login("alice");

    const call = again.call(toBob());
    await runtime.settle();
    bob.acknowledge();
    await runtime.settle();

    expect(saidIn(bob.events)).toEqual(["hello"]);
    expect(answer(again.resultOf(call), "sendPeerMessage").outcome).toBe(DeliveryOutcome.DELIVERED);
  });

  it("is not queued again after it was acknowledged", async () => {
    const { one, third, bob, alice, runtime } = await sender();
    alice.call(toBob());
    await runtime.settle();
    one.crash();
    bob.acknowledge();
    const again = await third.login("alice");

    const sent = answer(await third.ask(again, toBob()), "sendPeerMessage");

    expect(sent.outcome).toBe(DeliveryOutcome.DELIVERED);
    expect(only(bob.events, "peerMessage").map(({ messageId }) => messageId)).toEqual([sent.messageId]);
  });

  it("is stored once", async () => {
    const { one, other, third, alice, bob, engine } = await sender();
    bob.cut();
    await other.pass(125_000, alice);
    one.connection.losesAnswer = (method) => method === "inbox.append";

    const first = await one.ask(alice, toBob({ storeIfAway: true }));
    one.crash();
    const again = await third.login("alice");
    const second = await third.ask(again, toBob({ storeIfAway: true }));

    expect(answer(first, "error").code).toBe(ErrorCode.UNAVAILABLE);
    expect(answer(second, "sendPeerMessage").outcome).toBe(DeliveryOutcome.STORED);
    expect(await engine.inbox.read({ appId: "test", userId: "bob" }, 0, 10)).toHaveLength(1);
  });

  it("is another message with another payload, or to another user", async () => {
    const { one, other, alice, bob, runtime, third } = await sender();
    const carol = await third.login("carol");

    alice.call(toBob());
    alice.call(toPeer("carol", "hello", { clientMessageId: "1" }));
    await runtime.settle();
    one.crash();
    const again = await other.login("alice");
    again.call(toPeer("bob", "hello again", { clientMessageId: "1" }));
    await runtime.settle();

    expect([saidIn(bob.events), saidIn(carol.events)]).toEqual([["hello", "hello again"], ["hello"]]);
  });
});
