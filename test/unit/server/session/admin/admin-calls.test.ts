import { describe, expect, it } from "vitest";
import {
  BanUserRequest,
  KickUserRequest,
  TraceMessageRequest,
  WatchEventsRequest,
} from "../../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../../gen/aldis/v1/error.js";
import { type AdminOperationName, adminOperations } from "../../../../../gen/aldis/v1/tables/admin-operations.js";
import { defaultLimits, type Limits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { AdminKeys } from "../../../../../src/server/auth/admin-keys.js";
import { MemoryBus } from "../../../../../src/server/engine/embedded/memory-bus.js";
import { EngineUnavailable } from "../../../../../src/server/engine/ports/unavailable.js";
import type { AdminHandlers } from "../../../../../src/server/feature/admin/admin-context.js";
import { Happenings } from "../../../../../src/server/feature/happenings.js";
import { AdminCalls } from "../../../../../src/server/session/admin/admin-calls.js";
import { type AuditEntry, targetOf } from "../../../../../src/server/session/admin/audit.js";
import { EventWatch } from "../../../../../src/server/session/admin/event-watch.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const key = "k".repeat(40);
const shopKey = "s".repeat(40);

const digest = (text: string) => `digest of ${text.length} letters`;

/** Calls whose handlers do what the test says. */
function start(answer: () => Promise<object> = async () => ({ wasPresent: true }), limits: Partial<Limits> = {}) {
  const runtime = createManualRuntime();
  const { clock } = runtime;
  const refused: string[] = [];
  const audited: AuditEntry[] = [];
  const faults: unknown[] = [];
  const names = Object.keys(adminOperations) as AdminOperationName[];
  const calls = new AdminCalls({
    // The tests call KickUser only, and the answers are of its type.
    handlers: Object.fromEntries(names.map((name) => [name, answer])) as unknown as AdminHandlers,
    happenings: new Happenings(new MemoryBus(), "memory", clock, () => {}),
    keys: new AdminKeys([
      { name: "ops", key },
      { name: "shop", key: shopKey, app: "shop" },
    ]),
    serves: (appId) => ["shop", "news"].includes(appId),
    limits: { ...defaultLimits, ...limits },
    clock,
    observer: { onCall: () => {}, onFailure: (_, failure) => faults.push(failure) },
    audit: (entry) => audited.push(entry),
    digest,
    onLimit: (limit) => refused.push(limit),
  });
  const kick = async (request: Partial<KickUserRequest>, authorization = [`Bearer ${key}`]) => {
    const bytes = KickUserRequest.encode(KickUserRequest.create({ appId: "shop", userId: "ann", ...request })).finish();
    const answered = await calls.take("kickUser", bytes, authorization);
    return answered.ok ? undefined : answered.error.code;
  };
  return { calls, kick, audited, faults, refused, runtime };
}

const { INVALID_TOKEN, INVALID_APP_ID, NOT_AUTHORIZED, INVALID_USER_ID, INVALID_ARGUMENT, INTERNAL, UNAVAILABLE } = ErrorCode;

describe("a call of an operator", () => {
  it.each([
    ["no key", []],
    ["a wrong key", [`Bearer ${"x".repeat(40)}`]],
    ["a key and something else", [`Bearer ${key}`, `Bearer ${key}`]],
    ["another scheme", [`Basic ${key}`]],
  ])("is refused with %s, and is not audited", async (_, authorization) => {
    const { kick, audited } = start();

    expect(await kick({}, authorization)).toBe(INVALID_TOKEN);
    expect(audited).toEqual([]);
  });

  it("is refused for another app than that of the key, and for one that is not served", async () => {
    const { kick } = start();

    expect(await kick({ appId: "shop" }, [`Bearer ${shopKey}`])).toBeUndefined();
    expect(await kick({ appId: "news" }, [`Bearer ${shopKey}`])).toBe(NOT_AUTHORIZED);
    expect(await kick({ appId: "news" })).toBeUndefined();
    expect(await kick({ appId: "other" })).toBe(INVALID_APP_ID);
  });

  it("is refused when its key is used too often, without a line in the audit log, and is told when to come again", async () => {
    const { calls, kick, audited, refused, runtime } = start(undefined, { adminCalls: 2 });
    const codes = [await kick({}), await kick({}), await kick({})];
    const other = await kick({}, [`Bearer ${shopKey}`]);
    const third = await calls.take("kickUser", new Uint8Array(0), [`Bearer ${key}`]);
    runtime.advance(1000);

    expect(codes).toEqual([undefined, undefined, ErrorCode.RATE_LIMITED]);
    expect(third).toMatchObject({ ok: false, error: { limit: "LIMIT_ADMIN_CALLS", retryAfterMs: 1000 } });
    expect(other).toBeUndefined();
    expect(audited).toHaveLength(3);
    expect(refused).toEqual(["adminCalls", "adminCalls"]);
    expect(await kick({})).toBeUndefined();
  });

  it("is held to the rules of the protocol", async () => {
    const { calls, kick } = start();

    expect(await kick({ userId: "a\u0000" })).toBe(INVALID_USER_ID);
    expect(await kick({ appId: "" })).toBe(INVALID_ARGUMENT);
    const garbage = await calls.take("kickUser", Uint8Array.of(255, 255), [`Bearer ${key}`]);
    expect(garbage).toMatchObject({ ok: false, error: { code: INVALID_ARGUMENT } });
  });

  it.each([
    ["a fault", new Error("a secret of the inside"), INTERNAL],
    ["an engine that cannot serve", new EngineUnavailable("gone"), UNAVAILABLE],
  ])("hears nothing of the inside after %s", async (_, failure, code) => {
    const { kick, faults } = start(async () => {
      throw failure;
    });

    expect(await kick({})).toBe(code);
    expect(faults).toEqual([failure]);
  });

  it("is audited with the name of its key, its target and its outcome, and without what is personal", async () => {
    const { kick, audited } = start();
    await kick({ channel: "room" });
    await kick({ appId: "news" }, [`Bearer ${shopKey}`]);

    expect(audited).toEqual([
      {
        key: "ops",
        operation: "KickUser",
        target: { app_id: "shop", user_id: "digest of 3 letters", channel: "room" },
        code: undefined,
      },
      {
        key: "shop",
        operation: "KickUser",
        target: { app_id: "news", user_id: "digest of 3 letters" },
        code: NOT_AUTHORIZED,
      },
    ]);
    expect(JSON.stringify(audited)).not.toContain(key);
  });
});

describe("the watches of an operator", () => {
  it("are as many with one key as may be open, and another one when one has ended", async () => {
    const { calls, refused, audited } = start(undefined, { adminWatches: 2 });
    const bytes = WatchEventsRequest.encode(WatchEventsRequest.create({ appId: "shop" })).finish();
    const watch = (shown = key) => calls.watch(bytes, [`Bearer ${shown}`], { send: () => true, fail: () => {} });
    const [first] = [await watch(), await watch()];

    const third = await watch();
    const ofAnother = await watch(shopKey);
    // Once is counted once, however often gRPC tells that a stream is over.
    for (let i = 0; i < 2; i += 1) if (first instanceof EventWatch) first.end();
    const [fourth, fifth] = [await watch(), await watch()];

    expect([first, ofAnother, fourth].map((opened) => opened instanceof EventWatch)).toEqual([true, true, true]);
    for (const over of [third, fifth]) {
      expect(over).toMatchObject({ code: ErrorCode.RESOURCE_EXHAUSTED, limit: "LIMIT_ADMIN_WATCHES", limitValue: 2 });
    }
    expect(refused).toEqual(["adminWatches", "adminWatches"]);
    expect(audited.filter(({ code }) => code === ErrorCode.RESOURCE_EXHAUSTED)).toHaveLength(2);
  });
});

describe("the target of a call in the audit log", () => {
  it("has the public fields that are set, and digests of the personal ones", () => {
    const ban = BanUserRequest.create({ appId: "shop", userId: "ann", untilMs: 5, note: "spam" });

    const target = targetOf("aldis.v1.BanUserRequest", ban, digest);

    expect(target).toMatchObject({ app_id: "shop", until_ms: 5, user_id: expect.stringMatching(/^digest of /) });
    expect(JSON.stringify(target)).not.toMatch(/ann|spam/);
  });

  it("has the chosen case of a oneof", () => {
    const request = TraceMessageRequest.create({ appId: "shop", subject: { $case: "messageId", value: "m1" } });

    expect(targetOf("aldis.v1.TraceMessageRequest", request, digest)).toEqual({ app_id: "shop", message_id: "m1" });
  });
});
