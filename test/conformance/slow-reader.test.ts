import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { SendConfirmation } from "../../gen/aldis/v1/message.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { LinkFaults } from "../support/raw-client.js";
import { answer, join, only, queryPresence, saidIn, text, toChannel, toPeer } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

const bytesInUse = async (metrics: { text(): Promise<{ text: string }> }): Promise<number> =>
  Number(/^aldis_queued_bytes (\d+)$/m.exec((await metrics.text()).text)?.[1]);

/** A slow reader, a publisher and another member in a room. The slow one has room for eight events. */
async function slowRoom(limits: Parameters<typeof startTestNode>[0] = {}) {
  const test = await startTestNode({ replayEvents: 8, ...limits });
  const faults = new LinkFaults();
  const [slow, alice, bob] = [await test.login("slow", {}, faults), await test.login("alice"), await test.login("bob")];
  for (const client of [slow, alice, bob]) await test.ask(client, join("room"));
  slow.acknowledge();
  /** Alice says numbers, and bob, who reads, acknowledges each. */
  const say = async (from: number, to: number) => {
    for (let i = from; i <= to; i += 1) {
      await test.ask(alice, toChannel("room", `${i}`));
      for (const reader of [alice, bob]) reader.acknowledge();
    }
  };
  return { ...test, slow, alice, bob, say, faults };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

describe("bounded: a client that never acknowledges", () => {
  it("is told of the gap, with its offsets, as soon as it has acknowledged, and goes on behind it", async () => {
    const { slow, say, runtime } = await slowRoom();
    const heard = slow.events.length;

    await say(1, 20);
    expect(saidIn(slow.events)).toEqual(numbers(1, 8));
    slow.acknowledge();
    await runtime.settle();
    await say(21, 22);

    expect(slow.events.slice(heard + 8)).toMatchObject([
      {
        $case: "channelGap",
        value: { channel: "room", gap: { firstOffset: 9, lastOffset: 20 }, position: { offset: 20 }, membersChanged: false },
      },
      { $case: "channelMessage", value: { offset: 21 } },
      { $case: "channelMessage", value: { offset: 22 } },
    ]);
  });

  it("costs the publisher and another member nothing", async () => {
    const { alice, bob, say } = await slowRoom();

    await say(1, 50);

    expect(saidIn(bob.events)).toEqual(numbers(1, 50));
    expect(alice.results.filter(({ outcome }) => outcome?.$case === "sendChannelMessage")).toHaveLength(50);
    expect([alice.closed, bob.closed]).toEqual([false, false]);
  });

  it("is told that members changed where it could not be told how", async () => {
    const { slow, say, login, ask, runtime } = await slowRoom();
    await say(1, 8);

    await ask(await login("carol"), join("room"));
    slow.acknowledge();
    await runtime.settle();

    expect(only(slow.events, "channelGap")).toMatchObject([{ gap: undefined, membersChanged: true }]);
  });

  it("gets no more peer messages: their senders are told", async () => {
    const { slow, alice, ask, say, runtime } = await slowRoom();
    await say(1, 8);

    const refused = await ask(alice, toPeer("slow", "hi"));
    slow.acknowledge();
    await runtime.settle();
    const taken = await ask(alice, toPeer("slow", "hello", { confirmation: SendConfirmation.ACCEPTED }));

    expect(answer(refused, "error").code).toBe(ErrorCode.PEER_UNREACHABLE);
    expect(taken).toMatchObject({ $case: "sendPeerMessage" });
    expect(saidIn(slow.events).slice(8)).toEqual(["hello"]);
  });

  it("ends with SLOW_CONSUMER after 5 s with a full queue, and may resume behind what it has received", async () => {
    const { slow, bob, alice, say, pass, resume } = await slowRoom();
    await say(1, 12);

    await pass(defaultLimits.slowConsumerMs - 1, slow, alice, bob);
    expect(slow.closed).toBe(false);
    await pass(1_001, slow, alice, bob);
    expect(slow.goodbye).toMatchObject({ reason: GoodbyeReason.SLOW_CONSUMER });
    expect(slow.closed).toBe(true);
    const again = await resume(slow, "slow");
    await say(13, 13);

    expect(again.welcome.start).toBe(SessionStart.RESUMED);
    expect(only(again.events, "channelGap")).toMatchObject([{ gap: { firstOffset: 9, lastOffset: 12 } }]);
    expect(saidIn(again.events)).toEqual(["13"]);
    expect([alice.closed, bob.closed]).toEqual([false, false]);
  });

  it("and goes on acknowledging in time is not closed", async () => {
    const { slow, alice, bob, say, pass } = await slowRoom();

    for (let round = 0; round < 5; round += 1) {
      await say(round * 10 + 1, round * 10 + 10);
      await pass(4_000, slow, alice, bob);
      slow.acknowledge();
    }

    expect(slow.closed).toBe(false);
  });
});

describe("bounded: a client that reads nothing", () => {
  it("holds at most the limit of bytes, and one message", async () => {
    const { faults, alice, bob, ask, node } = await slowRoom({ replayEvents: 1_000, channelSends: 1_000 });
    faults.stall();

    const long = text("x".repeat(60_000));
    for (let i = 0; i < 40; i += 1) {
      await ask(alice, toChannel("room", "", { payload: long }));
      for (const reader of [alice, bob]) reader.acknowledge();
    }

    expect(await bytesInUse(node.metrics)).toBeGreaterThan(defaultLimits.replayBytes - 65_536);
    expect(await bytesInUse(node.metrics)).toBeLessThan(defaultLimits.replayBytes + 65_536);
  });

  it("ends with SLOW_CONSUMER though it sends heartbeats, and may resume", async () => {
    const { faults, slow, alice, bob, say, pass, resume } = await slowRoom();
    faults.stall();
    await say(1, 12);

    await pass(defaultLimits.slowConsumerMs + 3_000, slow, alice, bob);
    const again = await resume(slow, "slow");

    expect(slow.closed).toBe(true);
    expect(again.welcome.start).toBe(SessionStart.RESUMED);
    expect(saidIn(again.events)).toEqual(numbers(1, 8));
  });

  it("cannot fill the memory with answers to calls, not even over several links", async () => {
    const limits = { replayBytes: 131_072, frames: 10_000 };
    const { login, resume, node, runtime } = await startTestNode(limits);
    let slow = await login("slow");

    for (let link = 0; link < 3; link += 1) {
      for (let i = 0; i < 3_000; i += 1) slow.call(queryPresence("slow"));
      await runtime.settle();
      expect(slow.goodbye).toMatchObject({ reason: GoodbyeReason.SLOW_CONSUMER });
      slow = await resume(slow, "slow", { resultsReceived: 0 });
    }

    expect(await bytesInUse(node.metrics)).toBeLessThan(2 * limits.replayBytes);
    expect(slow.welcome).toMatchObject({ start: SessionStart.RESUMED, callsReceived: slow.results.length });
  });

  it("cannot fill the memory with pongs", async () => {
    const faults = new LinkFaults();
    const { login, runtime } = await startTestNode();
    const slow = await login("slow", {}, faults);
    faults.stall();

    for (let nonce = 0; nonce < 1_000; nonce += 1) slow.ping(nonce);
    await runtime.settle();
    faults.recover();
    await runtime.settle();

    expect(slow.controls.filter(({ $case }) => $case === "pong").length).toBeLessThan(50);
  });
});
