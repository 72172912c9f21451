import { describe, expect, it } from "vitest";
import { WatchEventsRequest, WatchEventsResponse, WatchedEventKind } from "../../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode, type ErrorDetail } from "../../../../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { MemoryBus } from "../../../../../src/server/engine/embedded/memory-bus.js";
import { Happenings, happeningsMax } from "../../../../../src/server/feature/happenings.js";
import { EventWatch } from "../../../../../src/server/session/admin/event-watch.js";
import { failOn } from "../../../../support/fail-on.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const { LOGIN, LOGOUT, JOIN, GAP } = WatchedEventKind;

async function start(name = "memory") {
  const runtime = createManualRuntime();
  const happenings = new Happenings(new MemoryBus(), name, runtime.clock, failOn);
  happenings.start();
  await runtime.settle();
  /** A watcher that takes `room` events before it has to be drained. */
  const watch = (request: Partial<WatchEventsRequest> = {}, room = Number.POSITIVE_INFINITY) => {
    const told: WatchEventsResponse[] = [];
    const errors: ErrorDetail[] = [];
    const listener = {
      room,
      send(event: Uint8Array) {
        told.push(WatchEventsResponse.decode(event));
        listener.room -= 1;
        return listener.room > 0;
      },
      fail: (error: ErrorDetail) => void errors.push(error),
    };
    const asked = WatchEventsRequest.create({ appId: "app", ...request });
    const ends: string[] = [];
    const services = { happenings, clock: runtime.clock, limits: defaultLimits, onEnd: () => void ends.push("end") };
    const opened = new EventWatch(asked, listener, services);
    return {
      told,
      errors,
      ends,
      listener,
      watch: opened,
      users: () => told.map(({ kind, userId }) => (kind === GAP ? "gap" : userId)),
    };
  };
  const tell = async (userId: string, kind: WatchedEventKind = LOGIN, appId = "app") => {
    happenings.tell(kind, { appId, userId });
    await runtime.settle();
  };
  return { runtime, happenings, watch, tell };
}

describe("a watch of what happens", () => {
  it("tells what happens in its app from now on, of the kinds that are asked for", async () => {
    const { watch, tell } = await start();
    await tell("before");
    const all = watch();
    const joins = watch({ kinds: [JOIN] });

    await tell("ann");
    await tell("bob", JOIN);
    await tell("cid", LOGIN, "other");

    expect(all.users()).toEqual(["ann", "bob"]);
    expect(joins.users()).toEqual(["bob"]);
  });

  it("tells nothing once it has ended", async () => {
    const { watch, tell } = await start();
    const { users, watch: opened } = watch();

    opened.end();
    await tell("ann");

    expect(users()).toEqual([]);
  });

  it("goes on behind a mark, with nothing twice and nothing missing", async () => {
    const { watch, tell } = await start();
    const first = watch();
    await tell("ann");
    await tell("bob");
    first.watch.end();
    await tell("cid", LOGOUT);

    const again = watch({ resumeToken: first.told[0]?.resumeToken ?? "" });

    expect(again.users()).toEqual(["bob", "cid"]);
  });

  it.each(["other.1", "memory.99", "memory.x", "nonsense", "memory.-5"])(
    "tells a hole for the mark %s, which is none of its own",
    async (mark) => {
      const { watch, tell } = await start();
      await tell("before");

      const { users, told } = watch({ resumeToken: mark });
      await tell("ann");

      expect(users()).toEqual(["gap", "ann"]);
      expect(watch({ resumeToken: told[0]?.resumeToken ?? "" }).users()).toEqual(["ann"]);
    },
  );

  it("waits for a slow watcher, and tells a hole for what was forgotten meanwhile", async () => {
    const { watch, tell, happenings, runtime } = await start();
    const slow = watch({}, 1);
    await tell("first");

    for (let i = 0; i < 2 * happeningsMax; i += 1) happenings.tell(LOGIN, { appId: "app", userId: `u${i}` });
    await runtime.settle();
    expect(slow.users()).toEqual(["first"]);
    slow.listener.room = Number.POSITIVE_INFINITY;
    slow.watch.drained();

    expect(slow.users().slice(0, 2)).toEqual(["first", "gap"]);
    expect(slow.users().at(-1)).toBe(`u${2 * happeningsMax - 1}`);
    expect(slow.told.length).toBeLessThan(2 * happeningsMax);
    expect(slow.errors).toEqual([]);
  });

  it("is cut with a typed error if its watcher takes nothing for too long", async () => {
    const { watch, tell, runtime } = await start();
    const stuck = watch({}, 1);
    await tell("ann");

    await runtime.advanceAsync(defaultLimits.slowConsumerMs);
    await tell("bob");

    expect(stuck.errors).toMatchObject([{ code: ErrorCode.RESOURCE_EXHAUSTED }]);
    // gRPC tells the end of the stream as well.
    stuck.watch.end();
    expect(stuck.ends).toEqual(["end"]);
    expect(stuck.users()).toEqual(["ann"]);
  });
});
