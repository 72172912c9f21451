import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import {
  ListPresenceSubscriptionsRequest,
  PresenceState,
  SubscribePresenceRequest,
  UnsubscribePresenceRequest,
} from "../../gen/aldis/v1/presence.js";
import { answer, logout, only } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

const { ONLINE, UNREACHABLE, OFFLINE } = PresenceState;

const subscribe = (...userIds: string[]) => ({
  $case: "subscribePresence" as const,
  value: SubscribePresenceRequest.create({ userIds }),
});
const unsubscribe = (...userIds: string[]) => ({
  $case: "unsubscribePresence" as const,
  value: UnsubscribePresenceRequest.create({ userIds }),
});
const list = { $case: "listPresenceSubscriptions" as const, value: ListPresenceSubscriptionsRequest.create() };

async function bobAlone() {
  const test = await startTestNode();
  const bob = await test.login("bob");
  /** The states of alice that bob has heard of, after he has acknowledged all of them. */
  const heard = async (client = bob) => {
    client.acknowledge();
    await test.runtime.settle();
    client.acknowledge();
    return only(client.events, "presence").map(({ state }) => state);
  };
  return { ...test, bob, heard };
}

describe("a presence subscription", () => {
  it("answers the present states in the order asked, and tells each change later", async () => {
    const { ask, bob, login, heard } = await bobAlone();

    const { presences } = answer(await ask(bob, subscribe("alice", "bob", "alice")), "subscribePresence");
    const alice = await login("alice");
    await heard();
    await ask(alice, logout());

    expect(presences.map(({ userId, state }) => [userId, state])).toEqual([
      ["alice", OFFLINE],
      ["bob", ONLINE],
      ["alice", OFFLINE],
    ]);
    expect(await heard()).toEqual([ONLINE, OFFLINE]);
    const versions = only(bob.events, "presence").map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it("tells of a user who falls silent and comes back, and shows nobody a break shorter than 6 s", async () => {
    const { ask, bob, login, heard, pass, resume } = await bobAlone();
    const alice = await login("alice");
    await ask(bob, subscribe("alice"));

    alice.cut();
    await pass(5_000, bob);
    const again = await resume(alice, "alice");
    expect(await heard()).toEqual([]);
    again.cut();
    await pass(8_000, bob);
    await heard();
    await pass(26_000, bob);

    expect(await heard()).toEqual([UNREACHABLE, OFFLINE]);
  });

  it("ends when asked, and lists whom it is for", async () => {
    const { ask, bob, login, heard } = await bobAlone();
    await ask(bob, subscribe("carol", "alice", "carol"));

    await ask(bob, unsubscribe("carol", "nobody"));
    await login("carol");
    await login("alice");

    expect(await ask(bob, list)).toMatchObject({ value: { userIds: ["alice"] } });
    expect(await heard()).toEqual([ONLINE]);
  });

  it("is for 512 users at most, in all, and refuses a call as a whole", async () => {
    const { ask, bob } = await bobAlone();
    const users = Array.from({ length: 512 }, (_, i) => `user-${i}`);
    await ask(bob, subscribe(...users.slice(1)));

    const over = answer(await ask(bob, subscribe("one", "more")), "error");
    const last = await ask(bob, subscribe("one", "user-1"));

    expect(over).toMatchObject({ code: ErrorCode.TOO_MANY_ITEMS, limit: "LIMIT_PRESENCE_SUBSCRIPTIONS", limitValue: 512 });
    expect(last).toMatchObject({ $case: "subscribePresence" });
  });

  it("tells whoever comes back the newest state only, however much has happened", async () => {
    const { ask, bob, login, pass, resume, heard } = await bobAlone();
    await ask(bob, subscribe("alice"));
    bob.cut();
    for (let i = 0; i < 3; i += 1) {
      const alice = await login("alice");
      await ask(alice, logout());
      await pass(1_000);
    }
    const last = await login("alice");

    const back = await resume(bob, "bob");
    await heard(back);

    expect((await heard(back)).at(-1)).toBe(ONLINE);
    expect(only(back.events, "presence").length).toBeLessThanOrEqual(2);
    last.cut();
  });
});
