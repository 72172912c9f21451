import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { answer, logout, queryPresence } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

const { ONLINE, UNREACHABLE, OFFLINE } = PresenceState;

/** Bob looks at alice. */
async function twoUsers() {
  const test = await startTestNode();
  const [alice, bob] = [await test.login("alice"), await test.login("bob")];
  const look = async () => answer(await test.ask(bob, queryPresence("alice")), "queryPresence").presences[0];
  return { ...test, alice, bob, look };
}

describe("presence", () => {
  it("is answered in the order asked, also for users named twice and for unknown ones", async () => {
    const { ask, bob } = await twoUsers();

    const { presences } = answer(await ask(bob, queryPresence("nobody", "alice", "bob", "alice")), "queryPresence");

    expect(presences.map(({ userId, state }) => [userId, state])).toEqual([
      ["nobody", OFFLINE],
      ["alice", ONLINE],
      ["bob", ONLINE],
      ["alice", ONLINE],
    ]);
    expect(presences[0]?.version).toBeLessThan(presences[1]?.version ?? 0);
  });

  it("is asked for 256 users at most in one call", async () => {
    const { ask, bob } = await twoUsers();
    const users = Array.from({ length: 257 }, (_, i) => `user-${i}`);

    const most = await ask(bob, queryPresence(...users.slice(1)));
    const over = await ask(bob, queryPresence(...users));

    expect(answer(most, "queryPresence").presences).toHaveLength(256);
    expect(answer(over, "error")).toMatchObject({
      code: ErrorCode.TOO_MANY_ITEMS,
      limit: "LIMIT_PRESENCE_QUERY_USERS",
      limitValue: 256,
    });
  });

  it("a user who is silent for 6 s is unreachable, and online again when heard", async () => {
    const { alice, bob, look, pass } = await twoUsers();

    await pass(defaultLimits.unreachableAfterMs - 1, bob);
    expect((await look())?.state).toBe(ONLINE);
    await pass(1_000, bob);
    expect((await look())?.state).toBe(UNREACHABLE);
    alice.ping();
    await pass(1_000, bob);

    expect((await look())?.state).toBe(ONLINE);
  });

  it.each([
    ["cuts its link", (alice: { cut(): void }) => alice.cut()],
    ["only falls silent", () => undefined],
  ])("presence-bound: a user who %s is offline after 30 s, and by 33 s at the latest", async (_, vanish) => {
    const { alice, bob, look, pass } = await twoUsers();

    vanish(alice);
    await pass(defaultLimits.presenceGraceMs - 1, bob);
    expect((await look())?.state).toBe(UNREACHABLE);
    await pass(3_001, bob);

    expect((await look())?.state).toBe(OFFLINE);
  });

  it("versions rise with each change and stay where nothing changes", async () => {
    const { alice, bob, look, login, pass, ask } = await twoUsers();
    const versions = [(await look())?.version ?? 0];
    const note = async () => versions.push((await look())?.version ?? 0);

    await pass(7_000, bob);
    await note();
    alice.ping();
    await pass(1_000, bob);
    await note();
    await ask(alice, logout());
    await note();
    await pass(2_000, bob);
    await login("alice");
    await note();

    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    await login("alice");
    expect((await look())?.version).toBe(versions.at(-1));
  });
});
