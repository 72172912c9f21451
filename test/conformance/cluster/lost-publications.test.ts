import { describe, expect, it } from "vitest";
import { channelTopic } from "../../../src/server/engine/ports/channel-topic.js";
import { setRoom } from "../../support/attribute-requests.js";
import { join, leave, only, toChannel } from "../../support/requests.js";
import { createTestCluster } from "../../support/test-cluster.js";
import { testApp } from "../../support/test-node.js";

const topic = channelTopic({ appId: testApp, channel: "room" }).name;

/** Alice and carol on one node, bob on another one: all in a channel. Each sends what is said. */
async function threeMembers() {
  const cluster = createTestCluster();
  const [one, other] = [await cluster.start("one"), await cluster.start("other")];
  const [alice, bob, carol] = [await one.login("alice"), await other.login("bob"), await other.login("carol")];
  await one.ask(alice, join("room"));
  await other.ask(bob, join("room"));
  await other.ask(carol, join("room"));
  const say = async (...said: string[]) => {
    for (const text of said) await one.ask(alice, toChannel("room", text));
  };
  const heard = (client = bob) => only(client.events, "channelMessage").map(({ offset }) => offset);
  const gaps = () => only(bob.events, "channelGap").map(({ gap, membersChanged }) => ({ gap, membersChanged }));
  return { ...cluster, one, other, alice, bob, carol, say, heard, gaps };
}

describe("publications that the bus loses", () => {
  it("no-silent-loss: are fetched from the log when the next one comes, in order, for all members", async () => {
    const { other, say, heard, gaps, bob, carol, runtime } = await threeMembers();
    await say("1");

    other.connection.losesPublication = (to) => to === topic;
    await say("2", "3");
    other.connection.losesPublication = () => false;
    await say("4", "5");
    await runtime.settle();

    expect([heard(bob), heard(carol)]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
    expect(gaps()).toEqual([]);
  });

  it("channel-order: are fetched once, and what comes meanwhile waits for them", async () => {
    const { other, say, heard, gaps, runtime } = await threeMembers();
    other.connection.losesPublication = (to) => to === topic;
    await say("1", "2");
    other.connection.losesPublication = () => false;
    let reads = 0;
    other.connection.losesAnswer = (method) => {
      if (method === "log.read") reads += 1;
      return false;
    };
    other.connection.delayMs = () => 20;

    await say("3", "4", "5");
    const before = heard();
    await runtime.advanceAsync(100);

    expect(before).toEqual([]);
    expect([heard(), gaps(), reads]).toEqual([[1, 2, 3, 4, 5], [], 1]);
  });

  it("no-silent-loss: hold up what comes behind them for as long as the log cannot be read", async () => {
    const { other, say, heard, gaps, engine, bob, runtime } = await threeMembers();
    await say("1");
    other.connection.losesPublication = (to) => to === topic;
    await say("2");
    other.connection.losesPublication = () => false;
    other.connection.losesAnswer = (method) => method === "log.read";

    await say("3");
    await runtime.settle();
    const before = heard();
    other.connection.losesAnswer = () => false;
    await runtime.advanceAsync(1_500);

    expect([before, heard(), gaps()]).toEqual([[1], [1, 2, 3], []]);
    expect((await engine.log.head({ appId: testApp, channel: "room" })).offset).toBe(3);
    expect(bob.closed).toBe(false);
  });

  it("no-silent-loss: at the end of a channel are found within 30 s", async () => {
    const { other, say, heard, gaps, pass, alice, bob, carol } = await threeMembers();
    await pass(10_000, alice, bob, carol);
    other.connection.losesPublication = (to) => to === topic;
    await say("1", "2");
    other.connection.losesPublication = () => false;

    await pass(20_000, alice, bob, carol);

    expect([heard(), gaps()]).toEqual([[1, 2], []]);
  });

  it("no-silent-loss: are fetched after an interruption, and members hear that others may have come and gone", async () => {
    const { one, other, say, heard, gaps, alice, bob, runtime } = await threeMembers();
    await say("1");
    other.connection.cut();

    await say("2");
    await one.ask(alice, setRoom({ topic: "news", _userNotification: "0" }));
    await one.ask(alice, leave("room"));
    other.connection.heal();
    await runtime.settle();

    expect([heard(), gaps()]).toEqual([[1, 2], [{ gap: undefined, membersChanged: true }]]);
    const [change] = only(bob.events, "channelAttributes");
    expect([...(change?.change?.attributes.keys() ?? [])].sort()).toEqual(["_userNotification", "topic"]);
    expect(change?.change?.wholeSet).toBe(true);
    // The settings are those of now: nobody is told of single members.
    await one.ask(alice, join("room"));
    await runtime.settle();
    expect(only(bob.events, "memberJoined").map(({ userId }) => userId)).toEqual(["carol"]);
  });

  it("a new epoch is told as a gap of unknown length", async () => {
    const { one, shared, say, gaps, alice, bob, carol, pass } = await threeMembers();
    await say("1");

    await shared.engine.log.forget({ appId: testApp, channel: "room" });
    await pass(31_000, alice, bob, carol);
    await say("2");
    await one.runtime.settle();

    expect(gaps()).toEqual([{ gap: { firstOffset: 0, lastOffset: 0 }, membersChanged: false }]);
  });
});
