import { describe, expect, it } from "vitest";
import { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { JoinChannelRequest } from "../../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { SendPeerMessageRequest, SendPeerMessageResponse } from "../../../../gen/aldis/v1/message.js";
import { QueryPresenceRequest } from "../../../../gen/aldis/v1/presence.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { OperationName, Operations } from "../../../../gen/aldis/v1/tables/operations.js";
import { EngineUnavailable } from "../../../../src/server/engine/ports/unavailable.js";
import { AppLimits } from "../../../../src/server/feature/app-limits.js";
import type { CallContext, Handlers } from "../../../../src/server/feature/call-context.js";
import { Refusal, refuse } from "../../../../src/server/feature/refusal.js";
import { Dispatcher } from "../../../../src/server/session/dispatcher.js";
import { RateWindows } from "../../../../src/server/session/rate-windows.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

const context: CallContext = { user: { appId: "app", userId: "alice" }, rights: TokenRights.create({}), afterAnswer() {} };
const limits = { ...defaultLimits, presenceQueries: 1, appMessages: 2 };
const good = QueryPresenceRequest.create({ userIds: ["bob"] });
const bad = QueryPresenceRequest.create({});

function dispatcherOf(handlers: Handlers) {
  const runtime = createManualRuntime();
  const calls: unknown[] = [];
  const failures: unknown[] = [];
  const observer = {
    onCall: (...call: unknown[]) => calls.push(call),
    onFailure: (...failure: unknown[]) => failures.push(failure),
  };
  const apps = new AppLimits(limits, { find: () => undefined }, runtime.clock, () => {});
  const dispatcher = new Dispatcher(handlers, limits, apps, () => runtime.clock.monotonic(), observer);
  const rates = new RateWindows(runtime.clock, limits);
  const dispatch = <K extends OperationName>(name: K, request: Operations[K]["request"], caller = context, own = rates) =>
    dispatcher.dispatch(name, request, caller, own);
  return { runtime, calls, failures, dispatch };
}

const codeOf = (answer: unknown) => (answer instanceof Refusal ? answer.detail.code : undefined);

describe("Dispatcher", () => {
  it("gives what the handler gives, and tells how long it took", async () => {
    const { dispatch, calls, runtime } = dispatcherOf({
      async queryPresence() {
        runtime.advance(7);
        return { presences: [] };
      },
    });

    expect(await dispatch("queryPresence", good)).toEqual({ presences: [] });
    expect(calls).toEqual([["QueryPresence", undefined, 7, "app"]]);
  });

  it("holds all users of an app together to its rate of messages, and tells when there is room", async () => {
    const answer = SendPeerMessageResponse.create({});
    const { dispatch, runtime } = dispatcherOf({ sendPeerMessage: async () => answer });
    const message = SendPeerMessageRequest.create({ receiver: "bob", payload: { content: { $case: "text", value: "hi" } } });
    const send = (appId: string) => {
      const caller = { ...context, user: { appId, userId: "alice" } };
      return dispatch("sendPeerMessage", message, caller, new RateWindows(runtime.clock, limits));
    };

    const ofApp = [await send("app"), await send("app"), await send("app")];
    const other = await send("other");
    runtime.advance(1000);
    const later = await send("app");

    expect(ofApp.map(codeOf)).toEqual([undefined, undefined, ErrorCode.RATE_LIMITED]);
    expect(ofApp[2]).toMatchObject({ detail: { limit: "LIMIT_APP_MESSAGES", limitValue: 2, retryAfterMs: 1000 } });
    expect([other, later].map(codeOf)).toEqual([undefined, undefined]);
  });

  it("passes on a refusal, and tells its code", async () => {
    const refusal = refuse(ErrorCode.NOT_AUTHORIZED, "no");
    const { dispatch, calls } = dispatcherOf({ queryPresence: async () => refusal });

    expect(await dispatch("queryPresence", good)).toBe(refusal);
    expect(calls).toEqual([["QueryPresence", ErrorCode.NOT_AUTHORIZED, 0, "app"]]);
  });

  it.each([
    ["rejects", async () => Promise.reject(new Error("the password is 1234"))],
    [
      "throws",
      () => {
        throw new Error("the password is 1234");
      },
    ],
  ])("answers with INTERNAL and a neutral text when the handler %s, and tells the observer why", async (_, queryPresence) => {
    const { dispatch, calls, failures } = dispatcherOf({ queryPresence });

    const answer = await dispatch("queryPresence", good);

    expect(codeOf(answer)).toBe(ErrorCode.INTERNAL);
    expect(JSON.stringify(answer)).not.toContain("1234");
    expect(failures).toEqual([["QueryPresence", new Error("the password is 1234")]]);
    expect(calls).toEqual([["QueryPresence", ErrorCode.INTERNAL, 0, "app"]]);
  });

  it("says UNAVAILABLE, which may be tried again, when the engine cannot serve", async () => {
    const failure = new EngineUnavailable("the engine is away");
    const { dispatch, failures } = dispatcherOf({ queryPresence: () => Promise.reject(failure) });

    expect(codeOf(await dispatch("queryPresence", good))).toBe(ErrorCode.UNAVAILABLE);
    expect(failures).toEqual([["QueryPresence", failure]]);
  });

  it("says that it does not offer an operation without a handler, before anything else", async () => {
    const { dispatch } = dispatcherOf({});

    expect(codeOf(await dispatch("queryPresence", bad))).toBe(ErrorCode.UNIMPLEMENTED);
    expect(codeOf(await dispatch("joinChannel", JoinChannelRequest.create({})))).toBe(ErrorCode.UNIMPLEMENTED);
  });

  it("asks for a session before it looks at the request", async () => {
    const { dispatch } = dispatcherOf({ joinChannel: async () => refuse(ErrorCode.INTERNAL, "the handler ran") });

    expect(codeOf(await dispatch("joinChannel", JoinChannelRequest.create({})))).toBe(ErrorCode.NOT_LOGGED_IN);
  });

  it("does not count a request that breaks a rule, and refuses one above the rate with the delay after which to come again", async () => {
    const { dispatch, runtime } = dispatcherOf({ queryPresence: async () => ({ presences: [] }) });

    expect(codeOf(await dispatch("queryPresence", bad))).toBe(ErrorCode.INVALID_ARGUMENT);
    expect(codeOf(await dispatch("queryPresence", good))).toBeUndefined();
    runtime.advance(1000);

    expect(await dispatch("queryPresence", good)).toMatchObject({
      detail: { code: ErrorCode.RATE_LIMITED, limit: "LIMIT_PRESENCE_QUERIES", limitValue: 1, retryAfterMs: 4000 },
    });
    expect(codeOf(await dispatch("queryPresence", bad))).toBe(ErrorCode.INVALID_ARGUMENT);
  });
});
