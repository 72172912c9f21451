import { describe, expect, it } from "vitest";
import { JoinInclude, LeaveReason } from "../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { answer, checkMembership, countMembers, join, leave, listMembers, only, toChannel } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

/** Alice and bob are logged in, and in a room. */
async function room(limits: Parameters<typeof startTestNode>[0] = {}) {
  const test = await startTestNode(limits);
  const [alice, bob] = [await test.login("alice"), await test.login("bob")];
  for (const client of [alice, bob]) await test.ask(client, join("room"));
  return { ...test, alice, bob };
}

describe("joining", () => {
  it("tells the number of members, the newest ones where asked, and the place", async () => {
    const { login, ask } = await room();
    const carol = await login("carol");

    const joined = answer(await ask(carol, join("room", { include: [JoinInclude.MEMBERS] })), "joinChannel");

    expect(joined).toMatchObject({
      memberCount: 3,
      members: ["carol", "bob", "alice"],
      position: { offset: 0 },
      recoveredMessages: 0,
    });
    expect(joined.position?.epoch).not.toBe("");
  });

  it("a channel twice is refused with ALREADY_IN_CHANNEL, also when both joins are under way", async () => {
    const { login, ask, runtime } = await startTestNode();
    const alice = await login("alice");

    const [first, second] = [alice.call(join("room")), alice.call(join("room"))];
    await runtime.settle();

    expect(alice.resultOf(first)).toMatchObject({ $case: "joinChannel" });
    expect(alice.resultOf(second)).toMatchObject({ value: { code: ErrorCode.ALREADY_IN_CHANNEL, field: "channel" } });
    expect(answer(await ask(alice, countMembers("room")), "getMemberCounts").counts).toEqual([
      { channel: "room", memberCount: 1 },
    ]);
  });

  it("more than 20 channels is refused, also when all joins are under way at once", async () => {
    const { login, ask, runtime } = await startTestNode();
    const alice = await login("alice");

    const calls = Array.from({ length: 25 }, (_, i) => alice.call(join(`room-${i}`)));
    await runtime.settle();

    const refused = calls.filter((call) => alice.resultOf(call)?.$case === "error");
    expect(refused).toHaveLength(5);
    expect(alice.resultOf(refused[0] ?? 0)).toMatchObject({ value: { code: ErrorCode.TOO_MANY_CHANNELS, limitValue: 20 } });
    const { counts } = answer(await ask(alice, countMembers(...calls.map((_, i) => `room-${i}`))), "getMemberCounts");
    expect(counts.filter(({ memberCount }) => memberCount > 0)).toHaveLength(20);
  });

  it("the same channel a third time within 5 s is refused, with the exact time to wait", async () => {
    const { login, ask, runtime } = await startTestNode();
    const alice = await login("alice");
    await ask(alice, join("room"));
    await ask(alice, leave("room"));
    await runtime.advanceAsync(1_000);
    await ask(alice, join("room"));
    await ask(alice, leave("room"));

    const early = await ask(alice, join("room"));
    alice.ping();
    await runtime.advanceAsync(3_999);
    const stillEarly = await ask(alice, join("room"));
    await runtime.advanceAsync(1);

    expect(answer(early, "error")).toMatchObject({ code: ErrorCode.SAME_CHANNEL_TOO_OFTEN, retryAfterMs: 4_000 });
    expect(answer(stillEarly, "error")).toMatchObject({ code: ErrorCode.SAME_CHANNEL_TOO_OFTEN, retryAfterMs: 1 });
    expect(await ask(alice, join("room"))).toMatchObject({ $case: "joinChannel" });
  });

  it("exclusively leaves all other channels in the same step, with the reason SWITCHED", async () => {
    const { alice, bob, ask } = await room();

    await ask(alice, join("other", { exclusive: true }));

    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "alice", reason: LeaveReason.SWITCHED }]);
    expect(answer(await ask(alice, toChannel("room", "hi")), "error").code).toBe(ErrorCode.NOT_IN_CHANNEL);
    expect(answer(await ask(bob, countMembers("room", "other")), "getMemberCounts").counts).toMatchObject([
      { memberCount: 1 },
      { memberCount: 1 },
    ]);
  });

  it("two channels exclusively at once leaves the session in one of them, and the members know it", async () => {
    const { login, ask, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    alice.call(join("red", { exclusive: true }));
    alice.call(join("blue", { exclusive: true }));
    await runtime.settle();

    const { counts } = answer(await ask(bob, countMembers("red", "blue")), "getMemberCounts");
    const sent = [await ask(alice, toChannel("red", "hi")), await ask(alice, toChannel("blue", "hi"))];
    expect(counts.map(({ memberCount }) => memberCount).sort()).toEqual([0, 1]);
    expect(sent.map((outcome) => outcome?.$case === "sendChannelMessage")).toEqual(
      counts.map(({ memberCount }) => memberCount === 1),
    );
  });
});

describe("leaving", () => {
  it("takes the session out, and no event of the channel follows the answer", async () => {
    const { alice, bob, ask } = await room();

    const left = await ask(alice, leave("room"));
    const heard = alice.events.length;
    await ask(bob, toChannel("room", "anybody?"));

    expect(left).toEqual({ $case: "leaveChannel", value: {} });
    expect(alice.events).toHaveLength(heard);
    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "alice", reason: LeaveReason.LEFT }]);
  });

  it("a channel that the session is not in is refused with NOT_IN_CHANNEL", async () => {
    const { alice, ask } = await room();

    expect(answer(await ask(alice, leave("elsewhere")), "error")).toMatchObject({
      code: ErrorCode.NOT_IN_CHANNEL,
      field: "channel",
    });
  });

  it("takes effect in its place among the session's joins and sends to the channel", async () => {
    const { alice, runtime, bob } = await room();

    const calls = [
      alice.call(toChannel("room", "one")),
      alice.call(leave("room")),
      alice.call(toChannel("room", "two")),
      alice.call(join("room")),
    ];
    await runtime.settle();

    expect(calls.map((call) => alice.resultOf(call)?.$case)).toEqual([
      "sendChannelMessage",
      "leaveChannel",
      "error",
      "joinChannel",
    ]);
    expect(only(bob.events, "channelMessage")).toHaveLength(1);
  });
});

describe("members", () => {
  it("are listed to members only, the newest first, as many as asked for", async () => {
    const { alice, login, ask } = await room();
    const stranger = await login("carol");

    expect(await ask(alice, listMembers("room"))).toEqual({
      $case: "listMembers",
      value: { members: ["bob", "alice"], memberCount: 2 },
    });
    expect(await ask(alice, listMembers("room", { maxMembers: 1 }))).toMatchObject({
      value: { members: ["bob"], memberCount: 2 },
    });
    expect(answer(await ask(stranger, listMembers("room")), "error").code).toBe(ErrorCode.NOT_IN_CHANNEL);
  });

  it("are counted and looked up by anybody", async () => {
    const { login, ask } = await room();
    const stranger = await login("carol");

    const { counts } = answer(await ask(stranger, countMembers("empty", "room")), "getMemberCounts");
    const [member, other] = [
      await ask(stranger, checkMembership("room", "bob")),
      await ask(stranger, checkMembership("room", "carol")),
    ];

    expect(counts).toEqual([
      { channel: "empty", memberCount: 0 },
      { channel: "room", memberCount: 2 },
    ]);
    expect([member, other]).toMatchObject([{ value: { isMember: true } }, { value: { isMember: false } }]);
  });

  it("are told who comes and goes, but not of themselves", async () => {
    const { alice, bob, login, ask } = await room();
    const carol = await login("carol");

    await ask(carol, join("room"));
    await ask(carol, leave("room"));

    expect(only(alice.events, "memberJoined").map(({ userId }) => userId)).toEqual(["bob", "carol"]);
    expect(only(bob.events, "memberJoined").map(({ userId }) => userId)).toEqual(["carol"]);
    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "carol", reason: LeaveReason.LEFT }]);
    expect(carol.events).toEqual([]);
  });

  it("are told nothing of single ones in a channel above the limit", async () => {
    const { alice, login, ask } = await room({ memberNotices: 2 });
    const carol = await login("carol");

    await ask(carol, join("room"));
    await ask(carol, leave("room"));
    expect(alice.events).toHaveLength(1);
    await ask(carol, join("other"));
    await ask(alice, join("other"));

    expect(only(carol.events, "memberJoined")).toEqual([{ channel: "other", userId: "alice" }]);
  });
});
