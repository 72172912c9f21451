import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { fixedKeys } from "../../../../src/server/auth/app.js";
import { AppLimits } from "../../../../src/server/feature/app-limits.js";
import { Capacity } from "../../../../src/server/feature/capacity.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

const limits = { ...defaultLimits, sessions: 10, appSessions: 4, channels: 5, appChannels: 3, memoryBytes: 100 };

function start(load: { sessions?: number; ofApp?: number; channels?: number; channelsOfApp?: number; bytes?: number }) {
  const state = { sessions: 0, ofApp: 0, channels: 0, channelsOfApp: 0, bytes: 0, ...load };
  const runtime = createManualRuntime();
  const source = {
    sessions: () => state.sessions,
    sessionsOf: (appId: string) => (appId === "app" ? state.ofApp : 0),
    channels: () => state.channels,
    channelsOf: (appId: string) => (appId === "app" ? state.channelsOfApp : 0),
    residentBytes: () => state.bytes,
  };
  const own = { find: (id: string) => (id === "small" ? { id, keys: fixedKeys([]), limits: { appSessions: 0 } } : undefined) };
  const apps = new AppLimits(limits, own, runtime.clock, () => {});
  return { state, runtime, capacity: new Capacity(source, runtime.clock, limits, apps, () => {}) };
}

describe("the capacity of a node", () => {
  it("has room below every ceiling", () => {
    const { capacity } = start({ sessions: 9, ofApp: 3, channels: 4, bytes: 99 });

    expect([capacity.refuseSession("app"), capacity.refuseChannel("app")]).toEqual([undefined, undefined]);
  });

  it.each([
    ["sessions", { sessions: 10 }, "LIMIT_SESSIONS", 10],
    ["sessions of the app", { ofApp: 4 }, "LIMIT_APP_SESSIONS", 4],
    ["memory", { bytes: 100 }, "LIMIT_MEMORY_BYTES", 100],
  ])("refuses a session when there is no room for more %s, and says when to come again", (_, load, limit, limitValue) => {
    const { capacity } = start(load);

    expect(capacity.refuseSession("app")?.detail).toMatchObject({
      code: ErrorCode.RESOURCE_EXHAUSTED,
      limit,
      limitValue,
      retryAfterMs: 5000,
    });
  });

  it("has room for another app when one has all that it may", () => {
    expect(start({ ofApp: 4 }).capacity.refuseSession("other")).toBeUndefined();
  });

  it("counts an app by its own limits, if it has any", () => {
    const { capacity } = start({});

    expect(capacity.refuseSession("small")?.detail).toMatchObject({ limit: "LIMIT_APP_SESSIONS", limitValue: 0 });
    expect(capacity.refuseSession("app")).toBeUndefined();
  });

  it.each([
    ["channels", { channels: 5 }, "LIMIT_CHANNELS"],
    ["channels of the app", { channelsOfApp: 3 }, "LIMIT_APP_CHANNELS"],
    ["memory", { bytes: 100 }, "LIMIT_MEMORY_BYTES"],
  ])("refuses a channel when there is no room for more %s", (_, load, limit) => {
    expect(start(load).capacity.refuseChannel("app")?.detail).toMatchObject({ code: ErrorCode.RESOURCE_EXHAUSTED, limit });
  });

  it("looks at the memory again after a moment, and lets in when there is room again", () => {
    const { capacity, state, runtime } = start({ bytes: 100 });
    capacity.refuseSession("app");
    state.bytes = 10;
    const atOnce = capacity.refuseSession("app");
    runtime.advance(250);

    expect(atOnce).toBeDefined();
    expect(capacity.refuseSession("app")).toBeUndefined();
  });
});
