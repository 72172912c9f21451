import fc from "fast-check";
import { expect, it } from "vitest";
import { ChannelNotice } from "../../../../gen/aldis/node/v1/node.js";
import { LogSegment } from "../../../../gen/aldis/node/v1/segment.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { MemoryBus } from "../../../../src/server/engine/embedded/memory-bus.js";
import { MemoryChannelLog } from "../../../../src/server/engine/embedded/memory-channel-log.js";
import { MemoryRateCounters } from "../../../../src/server/engine/embedded/memory-rate-counters.js";
import { RatedLog } from "../../../../src/server/engine/embedded/rated-log.js";
import {
  type ChannelLog,
  type LogPosition,
  type LogRange,
  type NewRecord,
  RateExceeded,
} from "../../../../src/server/engine/ports/channel-log.js";
import { channelTag, keyOf } from "../../../../src/server/engine/redis/keys.js";
import { RedisChannelLog } from "../../../../src/server/engine/redis/redis-channel-log.js";
import type { Runner } from "../../../../src/server/engine/redis/runner.js";
import { systemRuntime } from "../../../../src/server/runtime.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { describeWithRedis, type RedisServer, sharedRedis } from "../../../support/redis.js";
import { openRunner } from "../../../support/redis-runner.js";

const lobby = { appId: "app", channel: "lobby" };
const limits = {
  ...defaultLimits,
  channelHistoryMessages: 5,
  channelHistoryAgeMs: 10_000,
  retryMemoryMs: 20_000,
  emptyChannelAgeMs: 90_000,
};

type Step =
  | ({ readonly kind: "append" } & NewRecord)
  /** Records that are appended at the same time. */
  | { readonly kind: "burst"; readonly records: readonly NewRecord[] }
  /** The same without names, at most `limit` of them a second. */
  | { readonly kind: "ratedBurst"; readonly count: number; readonly limit: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "forget" }
  /** `epoch` is one of those seen before, counted from the first. */
  | {
      readonly kind: "read";
      readonly epoch: number;
      readonly offset: number;
      readonly limit: number;
      readonly backward: boolean;
    }
  | { readonly kind: "page"; readonly limit: number; readonly backward: boolean };

const newRecord = {
  sender: fc.string({ unit: "grapheme" }),
  message: fc.uint8Array({ maxLength: 300 }),
  once: fc.option(fc.constantFrom("a", "b", "a}:history"), { nil: undefined, freq: 2 }),
};

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("append" as const), ...newRecord }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("burst" as const), records: fc.array(fc.record(newRecord), { maxLength: 9 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("ratedBurst" as const),
      count: fc.nat({ max: 9 }),
      limit: fc.constantFrom(0, 1, 4, 20, Number.POSITIVE_INFINITY),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 500, 4_999, 5_000, 20_000, 90_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      epoch: fc.nat({ max: 4 }),
      offset: fc.nat({ max: 20 }),
      limit: fc.nat({ max: 7 }),
      backward: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("page" as const), limit: fc.nat({ max: 7 }), backward: fc.boolean() }),
  },
);

/** One log, whose epochs are told by the order in which they were seen. */
class Told {
  private readonly epochs = [""];

  constructor(private readonly log: ChannelLog) {}

  async run(step: Exclude<Step, { kind: "pass" }>): Promise<unknown> {
    switch (step.kind) {
      case "append":
        return this.placeOf(await this.log.append(lobby, step));
      case "burst":
        return (await Promise.all(step.records.map((record) => this.log.append(lobby, record)))).map((at) => this.placeOf(at));
      case "ratedBurst":
        return Promise.all(Array.from({ length: step.count }, (_, index) => this.appendRated(index, step.limit)));
      case "forget":
        return this.log.forget(lobby);
      case "page":
        return this.rangeOf(await this.log.read(lobby, undefined, step));
      case "read":
        return this.rangeOf(
          await this.log.read(lobby, { epoch: this.epochs[step.epoch] ?? "unknown", offset: step.offset }, step),
        );
    }
  }

  private async appendRated(index: number, limit: number) {
    try {
      const record = { sender: "ada", message: Uint8Array.of(index) };
      return this.placeOf(await this.log.append(lobby, record, { limit, windowMs: 1000 }));
    } catch (failure) {
      if (failure instanceof RateExceeded) return failure.retryAfterMs;
      throw failure;
    }
  }

  private rangeOf(range: LogRange) {
    return { ...range, head: this.placeOf(range.head) };
  }

  private placeOf({ epoch, offset }: LogPosition) {
    if (!this.epochs.includes(epoch)) this.epochs.push(epoch);
    return { epoch: this.epochs.indexOf(epoch), offset };
  }
}

/** All that is published on the channel from now on. */
async function listen(server: RedisServer, runner: Runner) {
  const client = server.connect();
  const heard: Uint8Array[] = [];
  client.on("smessageBuffer", (_: Buffer, message: Buffer) => heard.push(message));
  await client.ssubscribe(keyOf(runner.prefix, channelTag(lobby)));
  // What was published before the ping is heard before its answer.
  return { heard, hearAll: () => client.ping(), close: () => client.disconnect() };
}

function logOn(runner: Runner, durable = false): RedisChannelLog {
  return new RedisChannelLog({ runner, runtime: systemRuntime, limits, load: { busy: false }, durable });
}

describeWithRedis("RedisChannelLog", () => {
  const redis = sharedRedis();

  it("does what the log in memory does, whatever comes", async () => {
    let time = () => 0;
    const runner = await openRunner(redis(), () => time());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        const runtime = createManualRuntime();
        time = runtime.clock.now;
        await redis().call("FLUSHALL");
        const memory = new MemoryChannelLog({ runtime, limits, bus: new MemoryBus(), load: { busy: false } });
        const rated = new RatedLog(memory, new MemoryRateCounters({ clock: runtime.clock }));
        const logs = [new Told(rated), new Told(logOn(runner))];
        for (const step of steps) {
          if (step.kind === "pass") runtime.advance(step.ms);
          else {
            const [expected, stored] = await Promise.all(logs.map((log) => log.run(step)));
            expect(stored).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("publishes a valid notice for every size and offset", async () => {
    const runner = await openRunner(redis());
    const { heard, hearAll, close } = await listen(redis(), runner);
    const log = logOn(runner);
    const { epoch } = await log.head(lobby);
    const key = keyOf(runner.prefix, channelTag(lobby), "log");
    const [, , life] = `${await redis().call("GET", key)}`.split(" ");
    const sizes = fc.constantFrom(0, 1, 127, 128, 16_383, 16_384, 65_536, 200_000);
    const places = fc.constantFrom(0, 126, 127, 128, 16_383, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 52);
    await fc.assert(
      fc.asyncProperty(sizes, places, fc.string({ unit: "grapheme", maxLength: 130 }), async (size, before, sender) => {
        heard.length = 0;
        await redis().call("SET", key, `${epoch} ${before} ${life} ${Date.now()}`);
        const message = Uint8Array.from({ length: size }, (_, index) => index % 256);

        const position = await log.append(lobby, { sender, message });
        await hearAll();

        expect(position).toEqual({ epoch, offset: before + 1 });
        expect(heard).toHaveLength(1);
        const { notice } = ChannelNotice.decode(heard[0] ?? new Uint8Array());
        if (notice?.$case !== "segment") throw new Error("Not a segment.");
        const { messages, ...place } = notice.value;
        expect(place).toEqual(position);
        const published = LogSegment.decode(messages).messages;
        expect(published.map((each) => each.sender)).toEqual([sender]);
        expect(Buffer.compare(published[0]?.message ?? Buffer.alloc(0), message)).toBe(0);
      }),
      { numRuns: 60 },
    );
    close();
  });

  it("makes an append once that is asked for again after its answer was lost", async () => {
    const runner = await openRunner(redis());
    const log = logOn(runner);
    const appended = Array.from({ length: 50 }, (_, value) =>
      log.append(lobby, { sender: "ada", message: Uint8Array.of(value) }),
    );
    // The server gets what was sent, and closes before it answers.
    runner.connection.client.disconnect(true);

    const offsets = (await Promise.all(appended)).map(({ offset }) => offset);

    expect(offsets).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect((await log.head(lobby)).offset).toBe(50);
  });
});

describeWithRedis("RedisChannelLog on a server that starts anew", () => {
  const redis = sharedRedis({ appendFsync: "always" });

  it.each([
    { profile: "fast", durable: false },
    { profile: "durable", durable: true },
  ])("begins a new epoch, unless nothing can be lost: $profile", async ({ durable }) => {
    const log = logOn(await openRunner(redis()), durable);
    const before = await log.append(lobby, { sender: "ada", message: Uint8Array.of(1) });

    await redis().restart({ keepData: true });

    const { head, records, gap } = await log.read(lobby, before, { limit: 10 });
    expect(head.epoch === before.epoch).toBe(durable);
    expect({ offset: head.offset, records, gap }).toEqual({ offset: durable ? 1 : 0, records: [], gap: !durable });
    expect(await log.append(lobby, { sender: "ada", message: Uint8Array.of(2) })).toEqual({
      epoch: head.epoch,
      offset: head.offset + 1,
    });
  });
});
