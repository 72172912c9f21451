// What happens when somebody takes more than there is for one session, one app or one node: an orderly refusal, and nothing else.
import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { answer, join, leave, toPeer } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

describe("orderly: a node", () => {
  it("that has as many sessions as it may refuses a new one, and goes on with the others, also when they come back", async () => {
    const { login, resume, ask } = await startTestNode({ sessions: 2 });
    const [alice, bob] = [await login("alice"), await login("bob")];

    const carol = await login("carol");
    const again = await resume(bob, "bob");

    expect(carol.goodbye).toMatchObject({
      reason: GoodbyeReason.LOGIN_REFUSED,
      error: { code: ErrorCode.RESOURCE_EXHAUSTED, limit: "LIMIT_SESSIONS", retryAfterMs: 5000 },
    });
    expect(again.welcome.start).toBe(SessionStart.RESUMED);
    expect(await ask(alice, join("room"))).toMatchObject({ $case: "joinChannel" });
  });

  it("has room again when a session has ended", async () => {
    const { login, ask } = await startTestNode({ appSessions: 1 });
    await ask(await login("alice"), { $case: "logout", value: {} });

    expect((await login("bob")).welcome.start).toBe(SessionStart.NEW);
  });

  it("that has as many channels as it may lets nobody open another one, but join those that are open", async () => {
    const { login, ask } = await startTestNode({ channels: 1 });
    const [alice, bob] = [await login("alice"), await login("bob")];
    await ask(alice, join("room"));

    const refused = await ask(bob, join("other"));
    const joined = await ask(bob, join("room"));
    await ask(alice, leave("room"));
    await ask(bob, leave("room"));
    const later = await ask(bob, join("other"));

    expect(answer(refused, "error")).toMatchObject({ code: ErrorCode.RESOURCE_EXHAUSTED, limit: "LIMIT_CHANNELS" });
    expect([joined?.$case, later?.$case]).toEqual(["joinChannel", "joinChannel"]);
  });

  it("that uses as much memory as it may opens no session and no channel, and delivers as before", async () => {
    let bytes = 0;
    const { login, ask, runtime } = await startTestNode({ memoryBytes: 1000 }, { residentBytes: () => bytes });
    const [alice, bob] = [await login("alice"), await login("bob")];
    bytes = 1000;
    runtime.advance(250);

    const carol = await login("carol");
    const joined = await ask(alice, join("room"));
    alice.call(toPeer("bob", "still here"));
    await runtime.settle();

    expect(carol.goodbye).toMatchObject({ error: { code: ErrorCode.RESOURCE_EXHAUSTED, limit: "LIMIT_MEMORY_BYTES" } });
    expect(answer(joined, "error").code).toBe(ErrorCode.RESOURCE_EXHAUSTED);
    expect(bob.events).toMatchObject([{ $case: "peerMessage" }]);
  });
});

describe("bounded: a session", () => {
  it("that sends more messages than it may is cut, is told when to come again, and may resume then", async () => {
    const { login, resume, runtime } = await startTestNode({ frames: 50 });
    const alice = await login("alice");

    for (let nonce = 0; nonce < 51; nonce += 1) alice.ping(nonce);
    await runtime.advanceAsync(1000);
    const again = await resume(alice, "alice");

    expect(alice.goodbye).toMatchObject({
      reason: GoodbyeReason.RATE_LIMITED,
      error: { code: ErrorCode.RATE_LIMITED, limit: "LIMIT_FRAMES", retryAfterMs: 1000 },
    });
    expect(again.welcome.start).toBe(SessionStart.RESUMED);
  });
});
