import { beforeEach, describe, expect, it } from "vitest";
import { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { JoinChannelRequest, LeaveReason } from "../../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../../../src/server/engine/embedded/embedded-engine.js";
import type { Engine } from "../../../../src/server/engine/engine.js";
import { EngineUnavailable } from "../../../../src/server/engine/ports/unavailable.js";
import { Hub } from "../../../../src/server/fanout/hub.js";
import { Channels } from "../../../../src/server/feature/channel.js";
import { Refusal } from "../../../../src/server/feature/refusal.js";
import { Unfinished } from "../../../../src/server/feature/unfinished.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";
import { QueuedSession } from "../../../support/queued-session.js";
import { roomServices } from "../../../support/room-services.js";

const limits = { ...defaultLimits, channelsPerSession: 2 };

let engine: Engine;
let channels: Channels;
let alice: QueuedSession;
let failures: unknown[];
let runtime: ManualRuntime;

beforeEach(() => {
  failures = [];
  const report = (failure: unknown) => failures.push(failure);
  runtime = createManualRuntime();
  const unfinished = new Unfinished(runtime.clock, report);
  unfinished.start();
  engine = createEmbeddedEngine({ runtime, limits });
  const life = { joined: async () => {}, emptied: async () => {} };
  const rooms = new Hub(roomServices(engine.bus, report));
  const admittance = { refuseBanned: async () => undefined };
  const happenings = { tell: () => {} };
  const capacity = { refuseChannel: () => undefined };
  const guards = { admittance, capacity };
  channels = new Channels({ engine, rooms, life, ...guards, happenings, nodeId: "node", limits, unfinished, report });
  alice = new QueuedSession("alice");
});

/** Joins. Gives the code of the refusal, or "joined". */
async function join(channel: string, more: Partial<JoinChannelRequest> = {}) {
  const { user } = alice;
  const context = { user, session: alice, rights: TokenRights.create({}), afterAnswer: (task: () => void) => task() };
  const answer = await channels.handlers.joinChannel?.(context, JoinChannelRequest.create({ channel, ...more }));
  return answer instanceof Refusal ? answer.detail.code : "joined";
}

const countOf = async (channel: string) => (await engine.channels.counts([{ appId: "app", channel }]))[0];

describe("joining a channel", () => {
  it("keeps the number of channels within its limit, also when many are joined at once: bounded", async () => {
    const answers = await Promise.all(["a", "b", "c", "d"].map((channel) => join(channel)));

    expect(answers).toEqual(["joined", "joined", ErrorCode.TOO_MANY_CHANNELS, ErrorCode.TOO_MANY_CHANNELS]);
    expect([...alice.memberships.keys()]).toEqual(["a", "b"]);
    expect(await countOf("c")).toBe(0);
  });

  it("exclusively leaves all others, and may be done in as many channels as are allowed", async () => {
    await join("a");
    await join("b");

    expect(await join("c", { exclusive: true })).toBe("joined");
    await channels.depart(alice, LeaveReason.LEFT);

    expect([...alice.memberships.keys()]).toEqual(["c"]);
    expect([await countOf("a"), await countOf("b")]).toEqual([0, 0]);
  });

  it("exclusively ends in one channel, also when several are joined at once", async () => {
    await Promise.all(["a", "b", "c"].map((channel) => join(channel, { exclusive: true })));
    await settled();

    const counts = await Promise.all(["a", "b", "c"].map(countOf));
    expect(alice.memberships.size).toBe(1);
    expect(counts.toSorted()).toEqual([0, 0, 1]);
    expect(failures).toEqual([]);
  });

  it("exclusively undoes a join that was called before and is still under way", async () => {
    const goOn = holdUp("a");
    const earlier = join("a");
    expect(await join("b", { exclusive: true })).toBe("joined");
    goOn();

    expect(await earlier).toBe(ErrorCode.CANCELED);
    expect([...alice.memberships.keys()]).toEqual(["b"]);
    expect([await countOf("a"), await countOf("b")]).toEqual([0, 1]);
  });

  it("exclusively leaves alone what was joined after the call", async () => {
    const goOn = holdUp("a");
    const exclusive = join("a", { exclusive: true });
    expect(await join("b")).toBe("joined");
    goOn();

    expect(await exclusive).toBe("joined");
    await settled();
    expect([...alice.memberships.keys()]).toEqual(["b", "a"]);
    expect([await countOf("a"), await countOf("b")]).toEqual([1, 1]);
  });

  it("again, after an exclusive join of another one, is not undone by a leave that the engine could not take then", async () => {
    await join("a");
    const { leave } = engine.channels;
    engine.channels.leave = () => Promise.reject(new EngineUnavailable("it is away"));
    await join("b", { exclusive: true });
    await settled();
    engine.channels.leave = leave.bind(engine.channels);
    expect(await join("a")).toBe("joined");

    await runtime.advanceAsync(5_000);

    expect([...alice.memberships.keys()]).toEqual(["b", "a"]);
    expect(await countOf("a")).toBe(1);
  });

  it.each(["rates", "channels", "log"] as const)(
    "leaves no member behind when the session ends while it waits for the engine's %s",
    async (port) => {
      endDuring(port);

      const answer = await join("a");
      await settled();

      expect([answer, alice.memberships.size, await countOf("a")]).toEqual([
        port === "channels" ? "joined" : ErrorCode.NOT_LOGGED_IN,
        0,
        0,
      ]);
    },
  );

  it("leaves nothing behind when the engine fails half way", async () => {
    engine.channels.join = () => Promise.reject(new Error("the engine is down"));

    await expect(join("a")).rejects.toThrow("the engine is down");

    expect(alice.memberships.size).toBe(0);
  });
});

/** Ends the session when a port of the engine is asked during a join. */
function endDuring(port: "rates" | "channels" | "log"): void {
  /** A call of the port that ends the session first. */
  const ending =
    <T extends unknown[], R>(call: (...request: T) => Promise<R>) =>
    (...request: T) => {
      alice.ended = true;
      channels.end(alice, LeaveReason.LOGGED_OUT).catch((failure) => failures.push(failure));
      return call(...request);
    };
  const { rates, channels: directory, log } = engine;
  if (port === "rates") rates.take = ending(rates.take.bind(rates));
  if (port === "log") log.head = ending(log.head.bind(log));
  if (port === "channels") directory.join = ending(directory.join.bind(directory));
}

/** Holds up joins of a channel, until what is returned is called. */
function holdUp(channel: string): () => void {
  const { rates } = engine;
  const take = rates.take.bind(rates);
  let goOn = () => {};
  const going = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  rates.take = async (key, ...rest) => {
    if (key.endsWith(`/${channel}`)) await going;
    return take(key, ...rest);
  };
  return goOn;
}

/** Waits for the session's calls about its channels. */
async function settled(): Promise<void> {
  await Promise.all(["a", "b", "c"].map((channel) => alice.inOrder(`channel/${channel}`, async () => {})));
}
