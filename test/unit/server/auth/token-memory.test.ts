import { describe, expect, it } from "vitest";
import { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { rememberTokens } from "../../../../src/server/auth/token-memory.js";
import type { TokenVerifier } from "../../../../src/server/auth/token-verifier.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

/** A verifier that counts how often it is asked. Tokens say when they expire, from the start on; "bad" is never good. */
function countingVerifier(startMs: number): TokenVerifier & { asked: number } {
  return {
    asked: 0,
    serves: () => true,
    async verify(token) {
      this.asked += 1;
      if (token === "bad") return { ok: false, code: ErrorCode.INVALID_TOKEN, message: "bad" };
      const expiresAtMs = startMs + Number(token);
      const claims = { appId: "app", userId: token, issuedAtMs: 0, expiresAtMs, rights: TokenRights.create() };
      return { ok: true, claims };
    },
  };
}

describe("the memory of tokens", () => {
  it("asks once for a good token, until it expires", async () => {
    const { clock, advance } = createManualRuntime();
    const verifier = countingVerifier(clock.now());
    const remembering = rememberTokens(verifier, clock, () => 0);

    await remembering.verify("1000");
    const again = await remembering.verify("1000");
    const askedWhileValid = verifier.asked;
    advance(1000);
    await remembering.verify("1000");

    expect(again).toMatchObject({ ok: true, claims: { userId: "1000" } });
    expect(askedWhileValid).toBe(1);
    expect(verifier.asked).toBe(2);
  });

  it("asks every time for a bad token", async () => {
    const { clock } = createManualRuntime();
    const verifier = countingVerifier(clock.now());
    const remembering = rememberTokens(verifier, clock, () => 0);

    await remembering.verify("bad");
    const again = await remembering.verify("bad");

    expect(again).toMatchObject({ ok: false, code: ErrorCode.INVALID_TOKEN });
    expect(verifier.asked).toBe(2);
  });

  it("asks again when keys have changed, also for a token whose check began before", async () => {
    const { clock } = createManualRuntime();
    const verifier = countingVerifier(clock.now());
    let revision = 0;
    const remembering = rememberTokens(verifier, clock, () => revision);
    await remembering.verify("1000");

    revision = 1;
    const begun = remembering.verify("1000");
    revision = 2;
    await begun;
    await remembering.verify("1000");

    expect(verifier.asked).toBe(3);
  });

  it("is bounded: the oldest token is asked for again when ten thousand newer ones have come", async () => {
    const { clock } = createManualRuntime();
    const verifier = countingVerifier(clock.now());
    const remembering = rememberTokens(verifier, clock, () => 0);
    for (let token = 0; token <= 10_000; token += 1) await remembering.verify(String(100_000 + token));
    const asked = verifier.asked;

    await remembering.verify("110000");
    const forTheNewest = verifier.asked - asked;
    await remembering.verify("100000");

    expect(forTheNewest).toBe(0);
    expect(verifier.asked - asked).toBe(1);
  });
});
