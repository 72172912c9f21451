import { describe, expect, it } from "vitest";
import { KickUserRequest, WatchEventsRequest, WatchEventsResponse } from "../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { AdminClient } from "../../../src/client/admin/admin-client.js";
import type { AdminStreamListener, AdminTransport } from "../../../src/client/admin/admin-transport.js";
import { type AldisError, failure } from "../../../src/client/error.js";
import { createClientClock } from "../../support/client-clock.js";

/** A client over a transport that the test plays. */
function start() {
  const clock = createClientClock();
  const calls: { path: string; request: Uint8Array }[] = [];
  const streams: { request: WatchEventsRequest; listener: AdminStreamListener; ended: boolean }[] = [];
  const transport: AdminTransport = {
    async call(path, request) {
      calls.push({ path, request });
      return Uint8Array.of(8, 1);
    },
    open(_path, bytes, listener) {
      const stream = { request: WatchEventsRequest.decode(bytes), listener, ended: false };
      streams.push(stream);
      return () => {
        stream.ended = true;
      };
    },
    close() {},
  };
  const events: string[] = [];
  const troubles: string[] = [];
  const refusals: AldisError[] = [];
  const client = new AdminClient(transport, clock);
  const watch = () =>
    client.watch(
      { appId: "app" },
      {
        onEvent: ({ userId }) => events.push(userId),
        onInterrupted: ({ codeName }) => troubles.push(codeName),
        onRefused: (error) => refusals.push(error),
      },
    );
  const tell = (userId: string, resumeToken: string) =>
    streams
      .at(-1)
      ?.listener.onMessage(WatchEventsResponse.encode(WatchEventsResponse.create({ userId, resumeToken })).finish());
  const cut = (code: ErrorCode) => streams.at(-1)?.listener.onClosed(failure(code, "No."));
  return { client, clock, calls, streams, events, troubles, refusals, watch, tell, cut };
}

describe("the client of the admin service", () => {
  it("calls an operation by its path, with empty fields for those that are left out", async () => {
    const { client, calls } = start();

    const answer = await client.call("kickUser", { appId: "app", userId: "ann" });

    expect(answer).toEqual({ wasPresent: true });
    expect(calls[0]?.path).toBe("/aldis.v1.AdminService/KickUser");
    expect(KickUserRequest.decode(calls[0]?.request ?? new Uint8Array(0))).toEqual({
      appId: "app",
      userId: "ann",
      channel: "",
    });
  });

  it("goes on with a watch that broke behind the last event, and tells why it broke", async () => {
    const { clock, streams, events, troubles, watch, tell, cut } = start();
    watch();
    tell("ann", "mark.1");

    cut(ErrorCode.UNAVAILABLE);
    await clock.advance(1000);
    tell("bob", "mark.2");

    expect(streams.map(({ request }) => request.resumeToken)).toEqual(["", "mark.1"]);
    expect(events).toEqual(["ann", "bob"]);
    expect(troubles).toEqual(["UNAVAILABLE"]);
  });

  it("ends a watch that the server refuses, and tells why", async () => {
    const { clock, streams, refusals, watch, cut } = start();
    watch();

    cut(ErrorCode.INVALID_TOKEN);
    await clock.advance(10_000);

    expect(refusals.map(({ codeName }) => codeName)).toEqual(["INVALID_TOKEN"]);
    expect(streams).toHaveLength(1);
  });

  it("does not go on with a watch that was stopped, also while it waits", async () => {
    const { clock, streams, refusals, watch, cut } = start();
    const stop = watch();
    cut(ErrorCode.UNAVAILABLE);

    stop();
    await clock.advance(10_000);
    const stopAgain = watch();
    stopAgain();

    expect(streams.map(({ ended }) => ended)).toEqual([true, true]);
    expect(refusals).toEqual([]);
  });
});
