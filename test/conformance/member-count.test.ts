import { describe, expect, it } from "vitest";
import { join, leave, only } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

async function room(limits: Parameters<typeof startTestNode>[0] = {}) {
  const test = await startTestNode(limits);
  const [alice, bob] = [await test.login("alice"), await test.login("bob")];
  await test.ask(alice, join("room"));
  const counts = () => only(alice.events, "memberCount").map(({ memberCount }) => memberCount);
  return { ...test, alice, bob, counts };
}

describe("the number of members", () => {
  it("is told after a join and after a change, at most once a second, and only the latest counts", async () => {
    const { ask, alice, bob, runtime, counts } = await room({ sameChannelJoins: 100 });
    await runtime.advanceAsync(250);

    for (let i = 0; i < 3; i += 1) {
      await ask(bob, join("room"));
      await ask(bob, leave("room"));
    }
    await ask(bob, join("room"));
    await runtime.advanceAsync(999);
    expect(counts()).toEqual([1]);
    await runtime.advanceAsync(1);

    expect(counts()).toEqual([1, 2]);
    expect(only(alice.events, "memberJoined")).toHaveLength(4);
  });

  it("is told every 3 s where single members are not told of", async () => {
    const { ask, bob, alice, runtime, counts } = await room({ memberNotices: 0 });
    await runtime.advanceAsync(250);

    await ask(bob, join("room"));
    await runtime.advanceAsync(2_999);
    expect(counts()).toEqual([1]);
    await runtime.advanceAsync(251);

    expect(counts()).toEqual([1, 2]);
    expect(only(alice.events, "memberJoined")).toEqual([]);
  });

  it("waits once for somebody whose link is lost, and the newest one follows when the link is back", async () => {
    const { ask, login, resume, alice, runtime, counts } = await room();
    await runtime.advanceAsync(250);
    alice.cut();
    for (const userId of ["carol", "dave", "erin"]) {
      await ask(await login(userId), join("room"));
      await runtime.advanceAsync(2_000);
    }

    const back = await resume(alice, "alice");
    await runtime.advanceAsync(1_000);

    expect(counts()).toEqual([1]);
    expect(only(back.events, "memberCount").map(({ memberCount }) => memberCount)).toEqual([2, 4]);
  });
});
