import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { answer, join, only, saidIn, toChannel, toPeer } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";

async function twoNodes() {
  const cluster = createTestCluster();
  return { ...cluster, one: await cluster.start("one"), other: await cluster.start("other") };
}

describe("several nodes", () => {
  it("take messages to users of other nodes, and bring the receipts back", async () => {
    const { one, other, runtime } = await twoNodes();
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];

    const call = alice.call(toPeer("bob", "hello"));
    await runtime.settle();
    bob.acknowledge();
    await runtime.settle();

    expect(saidIn(bob.events)).toEqual(["hello"]);
    expect(answer(alice.resultOf(call), "sendPeerMessage").outcome).toBe(DeliveryOutcome.DELIVERED);
  });

  it("have the same channels, in the same order", async () => {
    const { one, other, runtime } = await twoNodes();
    const [alice, bob] = [await one.login("alice"), await other.login("bob")];
    for (const [node, client] of [[one, alice] as const, [other, bob] as const]) await node.ask(client, join("room"));

    for (const said of ["1", "2"]) {
      await one.ask(alice, toChannel("room", `alice ${said}`));
      await other.ask(bob, toChannel("room", `bob ${said}`));
    }
    await runtime.settle();

    expect(only(alice.events, "channelMessage").map(({ offset }) => offset)).toEqual([2, 4]);
    expect(only(bob.events, "channelMessage").map(({ offset }) => offset)).toEqual([1, 3]);
  });

  it("one-session: a login on one node ends the session on another", async () => {
    const { one, other } = await twoNodes();
    const first = await one.login("alice");

    const second = await other.login("alice");

    expect(first.goodbye?.reason).toBe(GoodbyeReason.REMOTE_LOGIN);
    expect(second.goodbye).toBeUndefined();
  });
});
