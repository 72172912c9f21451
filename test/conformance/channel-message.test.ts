import { describe, expect, it } from "vitest";
import { Recovery } from "../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import type { Position } from "../../gen/aldis/v1/history.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { answer, join, leave, only, readHistory, saidIn, toChannel } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

/** Alice and bob are logged in, and in a room. `say` lets alice say things. */
async function room(limits: Parameters<typeof startTestNode>[0] = {}) {
  const test = await startTestNode(limits);
  const [alice, bob] = [await test.login("alice"), await test.login("bob")];
  for (const client of [alice, bob]) await test.ask(client, join("room"));
  const say = async (...said: string[]) => {
    let place: Position | undefined;
    for (const each of said) place = answer(await test.ask(alice, toChannel("room", each)), "sendChannelMessage").position;
    return place;
  };
  return { ...test, alice, bob, say };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}`);

describe("channel messages", () => {
  it("reach the other members with sender, time and offset, and the sender gets the place", async () => {
    const { bob, say, runtime } = await room();

    const place = await say("hi");

    expect(place?.offset).toBe(1);
    expect(only(bob.events, "channelMessage")).toMatchObject([
      { channel: "room", sender: "alice", payload: { content: { value: "hi" } }, serverTimeMs: runtime.clock.now(), offset: 1 },
    ]);
  });

  it("come back to their sender only if it asked for its own when it joined", async () => {
    const { alice, login, ask, say } = await room();
    const echo = await login("echo");
    await ask(echo, join("room", { receiveOwnMessages: true }));

    await say("from alice");
    await ask(echo, toChannel("room", "from echo"));

    expect(saidIn(alice.events)).toEqual(["from echo"]);
    expect(saidIn(echo.events)).toEqual(["from alice", "from echo"]);
  });

  it("channel-order: all members see those of several senders in one order, that of their offsets", async () => {
    const { alice, bob, login, ask, runtime } = await room();
    const carol = await login("carol");
    await ask(carol, join("room", { receiveOwnMessages: true }));
    const senders = [alice, bob, carol];

    for (let i = 0; i < 60; i += 1) senders[i % 3]?.call(toChannel("room", `${i}`));
    await runtime.settle();

    const all = only(carol.events, "channelMessage");
    expect(all.map(({ offset }) => offset)).toEqual(numbered(60).map(Number));
    for (const [client, userId] of [
      [alice, "alice"],
      [bob, "bob"],
    ] as const) {
      expect(only(client.events, "channelMessage")).toEqual(all.filter(({ sender }) => sender !== userId));
    }
  });

  it("come only behind the answer to the join", async () => {
    const { login, alice, runtime } = await room();
    const carol = await login("carol");

    for (const said of numbered(20)) alice.call(toChannel("room", said));
    const call = carol.call(join("room"));
    for (const said of numbered(20)) alice.call(toChannel("room", said));
    await runtime.settle();

    const joined = answer(carol.resultOf(call), "joinChannel");
    const offsets = only(carol.events, "channelMessage").map(({ offset }) => offset);
    const first = (joined.position?.offset ?? Number.NaN) + 1;
    expect(offsets).toEqual(
      numbered(40)
        .map(Number)
        .filter((offset) => offset >= first),
    );
    const before = carol.frames.findIndex(({ results }) => results.some(({ callId }) => callId === call));
    expect(carol.frames.slice(0, before).flatMap(({ events }) => events)).toEqual([]);
    expect(carol.frames[before]?.results[0]?.afterEvents).toBe(0);
  });

  it("no-duplicate: a retry with the same client message id counts once and is answered alike", async () => {
    const { alice, bob, ask } = await room();

    const first = await ask(alice, toChannel("room", "hi", { clientMessageId: "m1" }));
    const second = await ask(alice, toChannel("room", "hi", { clientMessageId: "m1" }));

    expect(second).toEqual(first);
    expect(saidIn(bob.events)).toEqual(["hi"]);
  });

  it("of all senders together are refused above the rate of one channel, with the exact time to wait", async () => {
    const { alice, bob, runtime, ask } = await room({ oneChannelSends: 3 });

    for (const client of [alice, bob, alice]) await ask(client, toChannel("room", "hi"));
    await runtime.advanceAsync(999);
    const refused = await ask(bob, toChannel("room", "hi"));
    await runtime.advanceAsync(1);

    expect(answer(refused, "error")).toMatchObject({ code: ErrorCode.CHANNEL_RATE_LIMITED, retryAfterMs: 1, limitValue: 3 });
    expect(await ask(bob, toChannel("room", "hi"))).toMatchObject({ $case: "sendChannelMessage" });
  });
});

describe("recovery", () => {
  it("COMPLETE: the messages since the given place follow as events", async () => {
    const { bob, ask, say } = await room();
    const place = await say("1");
    await ask(bob, leave("room"));
    await say("2", "3");
    const heard = bob.events.length;

    const joined = answer(await ask(bob, join("room", { recoverFrom: place })), "joinChannel");

    expect(joined).toMatchObject({
      recovery: Recovery.COMPLETE,
      recoveredMessages: 2,
      gap: undefined,
      position: { offset: 3 },
    });
    expect(saidIn(bob.events.slice(heard))).toEqual(["2", "3"]);
  });

  it("plays one's own messages only where asked", async () => {
    const { alice, ask, say, pass } = await room();
    const place = await say("1");
    await say("2");
    await ask(alice, leave("room"));

    await ask(alice, join("room", { recoverFrom: place }));
    expect(saidIn(alice.events)).toEqual([]);
    await ask(alice, leave("room"));
    await pass(5_000, alice);
    await ask(alice, join("room", { recoverFrom: place, receiveOwnMessages: true }));
    expect(saidIn(alice.events)).toEqual(["2"]);
  });

  it("COMPLETE with nothing to play where nothing was missed", async () => {
    const { bob, ask, say } = await room();
    const place = await say("1");
    await ask(bob, leave("room"));

    const joined = answer(await ask(bob, join("room", { recoverFrom: place })), "joinChannel");

    expect(joined).toMatchObject({ recovery: Recovery.COMPLETE, recoveredMessages: 0 });
  });

  it("GAP: tells the messages that are forgotten for their number, and plays the rest", async () => {
    const { bob, ask, say } = await room({ channelHistoryMessages: 2 });
    const place = await say("1");
    await ask(bob, leave("room"));
    await say("2", "3", "4", "5");
    const heard = bob.events.length;

    const joined = answer(await ask(bob, join("room", { recoverFrom: place })), "joinChannel");

    expect(joined).toMatchObject({ recovery: Recovery.GAP, recoveredMessages: 2, gap: { firstOffset: 2, lastOffset: 3 } });
    expect(saidIn(bob.events.slice(heard))).toEqual(["4", "5"]);
    expect(only(bob.events, "channelGap")).toEqual([]);
  });

  it("GAP: tells the messages that are forgotten for their age", async () => {
    const { alice, bob, ask, say, pass } = await room();
    const place = await say("1");
    await ask(bob, leave("room"));
    await say("2");
    await pass(20_000, alice, bob);
    await say("3");
    await pass(10_000, alice, bob);

    const joined = answer(await ask(bob, join("room", { recoverFrom: place })), "joinChannel");

    expect(joined).toMatchObject({ recovery: Recovery.GAP, recoveredMessages: 1, gap: { firstOffset: 2, lastOffset: 2 } });
  });

  it("GAP without offsets if the epoch is another one or the place lies beyond the head", async () => {
    const { login, ask, say } = await room();
    const place = await say("1", "2");

    for (const recoverFrom of [
      { epoch: "lost", offset: 1 },
      { epoch: place?.epoch ?? "", offset: 99 },
    ]) {
      const user = await login(`user-${recoverFrom.offset}`);
      const joined = answer(await ask(user, join("room", { recoverFrom })), "joinChannel");
      expect(joined).toMatchObject({ recovery: Recovery.GAP, gap: { firstOffset: 0, lastOffset: 0 }, recoveredMessages: 2 });
      expect(saidIn(user.events)).toEqual(["1", "2"]);
    }
  });

  it("from before everything plays what is left, and tells the rest", async () => {
    const { login, ask, say } = await room({ channelHistoryMessages: 2 });
    await say("1", "2", "3");
    const carol = await login("carol");

    const joined = answer(await ask(carol, join("room", { recoverFrom: { epoch: "", offset: 0 } })), "joinChannel");

    expect(joined).toMatchObject({ recovery: Recovery.GAP, gap: { firstOffset: 1, lastOffset: 1 }, recoveredMessages: 2 });
    expect(saidIn(carol.events)).toEqual(["2", "3"]);
  });

  it("is not needed by the members of a channel that was quiet for long: no-silent-loss", async () => {
    const { alice, bob, pass, say } = await room({ emptyChannelAgeMs: 0 });
    await say("1", "2", "3");

    await pass(200_000, alice, bob);
    await say("after the silence");

    expect(saidIn(bob.events)).toContain("after the silence");
  });
});

describe("history", () => {
  it("is read forward in pages from the old end", async () => {
    const { bob, ask, say } = await room();
    await say(...numbered(5));

    const first = answer(await ask(bob, readHistory("room", { maxMessages: 3 })), "getChannelHistory");
    const from = { epoch: first.head?.epoch ?? "", offset: first.messages.at(-1)?.offset ?? 0 };
    const second = answer(await ask(bob, readHistory("room", { maxMessages: 3, from })), "getChannelHistory");

    expect([first, second].map(({ messages, more }) => [messages.map(({ offset }) => offset), more])).toEqual([
      [[1, 2, 3], true],
      [[4, 5], false],
    ]);
    expect(first).toMatchObject({ head: { offset: 5 }, gap: undefined });
    expect(first.messages[0]).toMatchObject({ sender: "alice", channel: "room", payload: { content: { value: "1" } } });
  });

  it("is read backward in pages from the new end, the newest first", async () => {
    const { bob, ask, say } = await room();
    await say(...numbered(5));

    const first = answer(await ask(bob, readHistory("room", { maxMessages: 3, backward: true })), "getChannelHistory");
    const from = { epoch: first.head?.epoch ?? "", offset: first.messages.at(-1)?.offset ?? 0 };
    const second = answer(await ask(bob, readHistory("room", { maxMessages: 3, backward: true, from })), "getChannelHistory");

    expect([first, second].map(({ messages, more }) => [messages.map(({ offset }) => offset), more])).toEqual([
      [[5, 4, 3], true],
      [[2, 1], false],
    ]);
  });

  it("tells what is forgotten behind a place, and is for members only", async () => {
    const { bob, ask, say, login } = await room({ channelHistoryMessages: 2 });
    const from = await say("1");
    await say("2", "3", "4");

    const read = answer(await ask(bob, readHistory("room", { from })), "getChannelHistory");
    const refused = await ask(await login("carol"), readHistory("room"));

    expect(read).toMatchObject({ gap: { firstOffset: 2, lastOffset: 2 }, messages: [{ offset: 3 }, { offset: 4 }] });
    expect(answer(refused, "error").code).toBe(ErrorCode.NOT_IN_CHANNEL);
  });

  it("never gives more than the limit", async () => {
    const { bob, ask, say } = await room({ channelHistoryMessages: 2 });
    await say("1", "2", "3");

    const read = answer(await ask(bob, readHistory("room", { maxMessages: 4_000_000_000 })), "getChannelHistory");

    expect(read.messages).toHaveLength(2);
  });
});

describe("a page of history", () => {
  it("ends before it is larger than a session's queue, and the next one goes on behind it", async () => {
    const { alice, bob, ask } = await room();
    for (let i = 0; i < 32; i += 1) {
      await ask(alice, toChannel("room", "x".repeat(60_000)));
      bob.acknowledge();
    }

    const first = answer(await ask(bob, readHistory("room")), "getChannelHistory");
    bob.acknowledge();
    const from = { epoch: first.head?.epoch ?? "", offset: first.messages.at(-1)?.offset ?? 0 };
    const second = answer(await ask(bob, readHistory("room", { from })), "getChannelHistory");

    expect(first.messages.length * 60_000).toBeLessThanOrEqual(defaultLimits.replayBytes);
    expect([first.more, second.more]).toEqual([true, false]);
    expect([...first.messages, ...second.messages].map(({ offset }) => offset)).toEqual(numbered(32).map(Number));
  });
});
