import { describe, expect, it } from "vitest";
import type { LogRange, LogRecord } from "../../../../src/server/engine/ports/channel-log.js";
import type { PlacedMessages } from "../../../../src/server/engine/ports/channel-topic.js";
import { EngineUnavailable } from "../../../../src/server/engine/ports/unavailable.js";
import { Sequence } from "../../../../src/server/fanout/sequence.js";
import { Unfinished } from "../../../../src/server/feature/unfinished.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

const channel = { appId: "app", channel: "room" };

/** A sequence that has begun at offset 0 over a log which keeps the latest records, and can be away. */
async function begin({ kept = 100 } = {}) {
  const runtime = createManualRuntime();
  const records: LogRecord[] = [];
  const failures: unknown[] = [];
  const handed: string[] = [];
  const state = { epoch: "one", isAway: false };
  const head = () => ({ epoch: state.epoch, offset: records.length });
  const log = {
    head: async () => head(),
    async read(_: unknown, from: { epoch: string; offset: number } | undefined): Promise<LogRange> {
      if (state.isAway) throw new EngineUnavailable("away");
      const known = from?.epoch === state.epoch;
      const oldest = Math.max(1, records.length - kept + 1);
      const first = Math.max(known ? (from?.offset ?? 0) + 1 : oldest, oldest);
      return { records: records.slice(first - 1), head: head(), more: false, gap: !known || (from?.offset ?? 0) + 1 < oldest };
    },
  };
  const reader = {
    onMessages: ({ place: { offset }, messages }: PlacedMessages) =>
      handed.push(...messages.map((_, index) => String(offset + index))),
    onHole: ({ epoch, offset }: { epoch: string; offset: number }) => handed.push(`hole to ${epoch} ${offset}`),
  };
  const report = (failure: unknown) => void failures.push(failure);
  const unfinished = new Unfinished(runtime.clock, report);
  unfinished.start();
  const sequence = new Sequence(channel, log, reader, unfinished, report);
  await sequence.begin();
  /** The bus brings messages from an offset on. */
  const bring = (offset: number, count: number) =>
    sequence.take({ place: { epoch: state.epoch, offset }, messages: records.slice(offset - 1, offset - 1 + count) });
  /** Appends messages; the bus brings them together unless they are lost. */
  const say = ({ lost = false, count = 1 } = {}) => {
    const first = records.length + 1;
    for (let i = 0; i < count; i += 1) records.push({ offset: first + i, sender: "ann", message: new Uint8Array() });
    if (!lost) bring(first, count);
  };
  return { runtime, sequence, state, records, say, bring, handed, failures };
}

describe("the sequence of a channel", () => {
  it("hands on what the bus brings, and fetches what it has lost in front of what comes behind", async () => {
    const { runtime, say, handed } = await begin();
    say();
    say({ lost: true });
    say();
    say();
    await runtime.settle();

    expect(handed).toEqual(["1", "2", "3", "4"]);
  });

  it("hands on once what the bus brings again, together with what is new", async () => {
    const { say, bring, handed } = await begin();
    say({ count: 3 });
    bring(2, 2);
    say({ lost: true, count: 2 });
    bring(3, 3);

    expect(handed).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("hands on once, and in order, what comes while it fetches, however much it is, and what it fetches of that", async () => {
    const { runtime, state, say, bring, handed } = await begin({ kept: 3000 });
    state.isAway = true;
    say({ lost: true });
    say({ count: 3 });
    bring(3, 2);
    for (let i = 0; i < 3; i += 1) say({ count: 499 });
    say();
    state.isAway = false;
    await runtime.advanceAsync(2_000);

    expect(handed).toEqual(Array.from({ length: 1 + 3 + 3 * 499 + 1 }, (_, index) => String(index + 1)));
  });

  it("fetches a lost end when it is told to look", async () => {
    const { runtime, sequence, say, handed } = await begin();
    say({ lost: true });
    sequence.look();
    await runtime.settle();

    expect(handed).toEqual(["1"]);
  });

  it("tells a hole where the log has forgotten, or is another one", async () => {
    const { runtime, sequence, state, records, say, handed } = await begin({ kept: 1 });
    for (const lost of [true, true, false]) say({ lost });
    await runtime.settle();
    [state.epoch, records.length] = ["two", 0];
    sequence.look();
    await runtime.settle();

    expect(handed).toEqual(["hole to one 2", "3", "hole to two 0"]);
  });

  it("waits for a log that cannot be read, holds what comes meanwhile, and jumps over nothing: no-silent-loss", async () => {
    const { runtime, sequence, state, say, handed, failures } = await begin();
    state.isAway = true;
    say({ lost: true });
    sequence.look();
    await runtime.advanceAsync(5_000);
    say();
    expect(handed).toEqual([]);
    state.isAway = false;
    await runtime.advanceAsync(2_000);
    say();

    expect(handed).toEqual(["1", "2", "3"]);
    expect(failures).toEqual([]);
  });
});
