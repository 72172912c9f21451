import { describe, expect, it } from "vitest";
import { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { dueAt, type Life } from "../../../../src/server/session/life.js";

const limits = defaultLimits;
/** A moment of the monotonic clock, and one of the time of day. */
const [start, today] = [1_000_000, 1_700_000_000_000];
const attached: Life = { heardAt: start, detachedAt: undefined, fullSince: undefined, tokenExpiresAt: 0 };

const dueAfter = (ms: number, life: Partial<Life> = {}) => dueAt({ ...attached, ...life }, start + ms, today, limits);

describe("dueAt", () => {
  it("asks for nothing of a session that was just heard of", () => {
    expect(dueAfter(0)).toEqual({ presence: PresenceState.ONLINE, link: "keep", token: "valid", over: false });
  });

  it.each([
    [limits.unreachableAfterMs - 1, PresenceState.ONLINE],
    [limits.unreachableAfterMs, PresenceState.UNREACHABLE],
    [limits.presenceGraceMs - 1, PresenceState.UNREACHABLE],
    [limits.presenceGraceMs, PresenceState.OFFLINE],
  ])("after %i ms of silence shows the presence %i, with a link or without", (ms, presence) => {
    expect(dueAfter(ms).presence).toBe(presence);
    expect(dueAfter(ms, { detachedAt: start }).presence).toBe(presence);
  });

  it.each([
    [limits.silenceTimeoutMs - 1, "keep"],
    [limits.silenceTimeoutMs, "silent"],
  ])("after %i ms of silence finds the link: %s", (ms, link) => {
    expect(dueAfter(ms).link).toBe(link);
  });

  it.each([
    [limits.slowConsumerMs - 1, "keep"],
    [limits.slowConsumerMs, "slow"],
  ])("with a queue that has been full for %i ms finds the link: %s", (ms, link) => {
    expect(dueAfter(ms, { fullSince: start }).link).toBe(link);
  });

  it("has nothing to say of a link that is not there", () => {
    expect(dueAfter(limits.silenceTimeoutMs, { detachedAt: start, fullSince: start }).link).toBe("keep");
  });

  it.each([
    [limits.resumeWindowMs - 1, false],
    [limits.resumeWindowMs, true],
  ])("%i ms after the link was lost says that the session is over: %s", (ms, over) => {
    expect(dueAfter(ms, { detachedAt: start }).over).toBe(over);
  });

  it("never ends a session that has a link, however long it is silent", () => {
    expect(dueAfter(limits.resumeWindowMs * 10).over).toBe(false);
  });

  it.each([
    [limits.tokenWarningMs + 1, "valid"],
    [limits.tokenWarningMs, "expiring"],
    [1, "expiring"],
    [0, "expired"],
    [1 - limits.tokenGraceMs, "expired"],
    [-limits.tokenGraceMs, "over"],
  ])("with %i ms left finds the token: %s", (leftMs, token) => {
    expect(dueAfter(0, { tokenExpiresAt: today + leftMs }).token).toBe(token);
  });

  it("lets a token without an end be valid for ever", () => {
    expect(dueAt(attached, start, Number.MAX_SAFE_INTEGER, limits).token).toBe("valid");
  });

  it("ends a session with its token where there is no grace, and never where the grace is endless", () => {
    const life = { ...attached, tokenExpiresAt: today };

    expect(dueAt(life, start, today, { ...limits, tokenGraceMs: 0 }).token).toBe("over");
    expect(dueAt(life, start, today * 2, { ...limits, tokenGraceMs: Number.POSITIVE_INFINITY }).token).toBe("expired");
  });
});
