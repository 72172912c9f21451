import { describe, expect, it } from "vitest";
import { PresenceState, SubscribePresenceRequest } from "../../../gen/aldis/v1/presence.js";
import { getOf, setOwn } from "../../support/attribute-requests.js";
import { logout, only } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";

const subscribe = (...userIds: string[]) => ({
  $case: "subscribePresence" as const,
  value: SubscribePresenceRequest.create({ userIds }),
});

/** Bob on one node, who watches alice and carol, who are on another one. */
async function watcher() {
  const cluster = createTestCluster();
  const [one, other] = [await cluster.start("one"), await cluster.start("other")];
  const [alice, carol, bob] = [await one.login("alice"), await one.login("carol"), await other.login("bob")];
  await other.ask(bob, subscribe("alice", "carol"));
  await one.ask(alice, setOwn({ mood: "calm" }));
  await other.ask(bob, getOf("alice", { watch: true }));
  await other.ask(bob, getOf("carol", { watch: true }));
  const presences = () => only(bob.events, "presence").map(({ userId, state }) => [userId, state]);
  const changes = () => only(bob.events, "userAttributes").map(({ userId, change }) => [userId, change?.revision]);
  return { ...cluster, one, other, alice, bob, carol, presences, changes };
}

describe("what the bus loses of watched users", () => {
  it("is read again after an interruption, and only what is new is told", async () => {
    const { one, other, alice, presences, changes, runtime } = await watcher();

    other.connection.cut();
    await one.ask(alice, setOwn({ mood: "merry" }));
    await one.ask(alice, setOwn({ mood: "sad" }));
    await one.ask(alice, logout());
    other.connection.heal();
    await runtime.settle();
    const told = [presences(), changes()];
    other.connection.interrupt();
    await runtime.settle();

    expect(told).toEqual([[["alice", PresenceState.OFFLINE]], [["alice", 3]]]);
    expect([presences(), changes()]).toEqual(told);
  });

  it("is read in batches, and what is heard meanwhile is told once", async () => {
    const { one, other, alice, changes, runtime } = await watcher();
    other.connection.delayMs = () => 10;

    other.connection.interrupt();
    await runtime.advanceAsync(15);
    await one.ask(alice, setOwn({ mood: "merry" }));
    await runtime.advanceAsync(100);

    expect(changes()).toEqual([["alice", 2]]);
  });
});
