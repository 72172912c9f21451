import { describe, expect, it } from "vitest";
import { LeaveReason } from "../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { RawClient } from "../support/raw-client.js";
import { answer, join, only, renewToken, toPeer } from "../support/requests.js";
import { startTestNode, testToken } from "../support/test-node.js";

const warnings = (client: RawClient) => client.controls.filter((control) => control.$case === "tokenWillExpire");

describe("tokens", () => {
  it("a renewed token gives the new expiry, and the session outlives the old one", async () => {
    const { login, ask, pass, runtime } = await startTestNode({ tokenGraceMs: 0 });
    const now = runtime.clock.now();
    const alice = await login("alice", { token: testToken("alice", now + 60_000) });
    expect(alice.welcome.tokenExpiresAtMs).toBe(now + 60_000);

    const outcome = await ask(alice, renewToken(testToken("alice", now + 600_000)));
    await pass(120_000, alice);

    expect(outcome).toEqual({ $case: "renewToken", value: { expiresAtMs: now + 600_000 } });
    expect(alice.closed).toBe(false);
    expect(warnings(alice)).toEqual([]);
  });

  it("a token of another user or app, an expired one and no token are refused, and the old one stays in force", async () => {
    const { login, ask, runtime } = await startTestNode({ tokenRenewals: 10 });
    const alice = await login("alice");
    await runtime.advanceAsync(1_000);

    const foreign = await ask(alice, renewToken(testToken("bob")));
    const foreignApp = await ask(alice, renewToken(testToken("alice", 0, {}, "other")));
    const expired = await ask(alice, renewToken(testToken("alice", runtime.clock.now())));
    const missing = await ask(alice, renewToken(""));

    expect(foreign).toMatchObject({ value: { code: ErrorCode.INVALID_TOKEN, field: "token" } });
    expect(foreignApp).toMatchObject({ value: { code: ErrorCode.INVALID_TOKEN, field: "token" } });
    expect(expired).toMatchObject({ value: { code: ErrorCode.TOKEN_EXPIRED, field: "token" } });
    expect(missing).toMatchObject({ $case: "error", value: { field: "token" } });
    expect(alice.closed).toBe(false);
  });

  it("a renewal takes away a right that the new token lacks", async () => {
    const { login, ask } = await startTestNode();
    const [alice] = [await login("alice"), await login("bob")];

    await ask(alice, renewToken(testToken("alice", 0, { readOnly: true })));

    expect(answer(await ask(alice, toPeer("bob", "hi")), "error").code).toBe(ErrorCode.NOT_AUTHORIZED);
  });

  it("the client is warned 30 s before the end and at it, and the session ends with TOKEN_EXPIRED after the grace", async () => {
    const { login, ask, pass, runtime } = await startTestNode();
    const expiresAtMs = runtime.clock.now() + 60_000;
    const sessionEndsAtMs = expiresAtMs + defaultLimits.tokenGraceMs;
    const [alice, bob] = [await login("alice", { token: testToken("alice", expiresAtMs) }), await login("bob")];
    await ask(bob, join("room"));
    await ask(alice, join("room"));

    await pass(29_999, alice, bob);
    expect(warnings(alice)).toEqual([]);
    await pass(1_001, alice, bob);
    expect(warnings(alice)).toEqual([{ $case: "tokenWillExpire", value: { expiresAtMs, sessionEndsAtMs, expired: false } }]);
    await pass(30_000, alice, bob);
    expect(warnings(alice).slice(1)).toEqual([
      { $case: "tokenWillExpire", value: { expiresAtMs, sessionEndsAtMs, expired: true } },
    ]);

    await pass(defaultLimits.tokenGraceMs - 2_000, alice, bob);
    expect(alice.closed).toBe(false);
    await pass(2_000, alice, bob);

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.TOKEN_EXPIRED });
    expect(only(bob.events, "memberLeft")).toEqual([{ channel: "room", userId: "alice", reason: LeaveReason.TOKEN_EXPIRED }]);
  });

  it("a grace of 0 ends the session as soon as its token expires", async () => {
    const { login, pass, runtime } = await startTestNode({ tokenGraceMs: 0 });
    const alice = await login("alice", { token: testToken("alice", runtime.clock.now() + 40_000) });

    await pass(39_999, alice);
    expect(alice.closed).toBe(false);
    await pass(1_001, alice);

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.TOKEN_EXPIRED });
  });

  it("a client that resumes is warned again", async () => {
    const { login, resume, pass, runtime } = await startTestNode();
    const token = testToken("alice", runtime.clock.now() + 20_000);
    const alice = await login("alice", { token });
    await pass(2_000, alice);
    expect(warnings(alice)).toHaveLength(1);

    alice.cut();
    const again = await resume(alice, "alice", {}, { token });
    await pass(2_000, again);

    expect(warnings(again)).toHaveLength(1);
  });
});
