import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/server/engine/engine.js";
import type { LogRange, LogRecord } from "../../src/server/engine/ports/channel-log.js";
import { type ChannelNews, channelTopic } from "../../src/server/engine/ports/channel-topic.js";
import type { ChannelKey } from "../../src/server/engine/ports/keys.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const lobby = { appId: "app", channel: "lobby" };
const all = { limit: 1000 };
const allBackward = { limit: 1000, backward: true };
const record = (value: number) => ({ sender: `sender${value}`, message: Uint8Array.of(value) });
const offsetsOf = ({ records }: LogRange) => records.map(({ offset }) => offset);

/** Appends messages 1 to `count`, so that each has its offset as its content. */
async function fill({ log }: Engine, channel: ChannelKey, count: number): Promise<void> {
  for (let value = 1; value <= count; value += 1) await log.append(channel, record(value));
}

/** The messages that news bring, each at its place. */
function publicationsIn(news: ChannelNews): readonly LogRecord[] {
  if (news.$case !== "messages") throw new Error("No messages.");
  const { place, messages } = news.value;
  return messages.map((message, index) => ({ offset: place.offset + index, ...message }));
}

export function describeChannelLog(name: string, makeEngine: MakeEngine): void {
  describeAppend(name, makeEngine);
  describeRead(name, makeEngine);
  describeForgetting(name, makeEngine);
}

/** Of engines that serve several nodes. */
export function describeAppendOnce(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: channel log, appending again`, () => {
    it("appends once what is sent again under one name, and gives the same place", async () => {
      const { engine, advance } = await openEngine(makeEngine, { retryMemoryMs: 10_000 });
      let published = 0;
      await engine.bus.subscribe(channelTopic(lobby), () => {
        published += 1;
      });
      const first = await engine.log.append(lobby, { ...record(1), once: "a" });
      await engine.log.append(lobby, { ...record(2), once: "b" });
      await advance(9_999);

      expect(await engine.log.append(lobby, { ...record(1), once: "a" })).toEqual(first);
      await advance(1);
      expect(await engine.log.append(lobby, { ...record(1), once: "a" })).toEqual({ ...first, offset: 3 });
      expect(await engine.log.append({ appId: "app", channel: "hall" }, { ...record(1), once: "a" })).toMatchObject({
        offset: 1,
      });

      await advance(0);
      expect(published).toBe(3);
    });

    it("appends once what is sent twice at the same time under one name, beside what has another or none", async () => {
      const { log } = (await openEngine(makeEngine)).engine;
      const records = [
        { ...record(1), once: "a" },
        record(2),
        { ...record(3), once: "b" },
        { ...record(4), once: "a" },
        record(5),
      ];

      const places = await Promise.all(records.map((each) => log.append(lobby, each)));

      expect(places.map(({ offset }) => offset)).toEqual([1, 2, 3, 1, 4]);
      const read = await log.read(lobby, undefined, all);
      expect(read.records.map(({ offset, message }) => [offset, message[0]])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 5],
      ]);
    });
  });
}

function describeAppend(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: channel log, appending`, () => {
    it("gives offsets from 1 without a hole, in one epoch, which an empty channel has already", async () => {
      const { log } = (await openEngine(makeEngine)).engine;
      const empty = await log.head(lobby);

      const positions = [await log.append(lobby, record(1)), await log.append(lobby, record(2))];

      expect(empty.epoch).not.toBe("");
      expect(empty.offset).toBe(0);
      expect(positions).toEqual([
        { epoch: empty.epoch, offset: 1 },
        { epoch: empty.epoch, offset: 2 },
      ]);
      expect(await log.head(lobby)).toEqual(positions[1]);
    });

    it("gives concurrent messages different offsets, and publishes them in the order of these", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const published: { offset: number; content: number }[] = [];
      await engine.bus.subscribe(channelTopic(lobby), (news) => {
        for (const { offset, sender, message } of publicationsIn(news)) {
          expect(sender).toBe(`sender${message[0]}`);
          published.push({ offset, content: message[0] ?? -1 });
        }
      });
      const contents = Array.from({ length: 20 }, (_, index) => index);

      const positions = await Promise.all(contents.map((content) => engine.log.append(lobby, record(content))));
      await advance(0);

      const expected = positions.map(({ offset }, content) => ({ offset, content }));
      expect(published).toEqual(expected.sort((one, other) => one.offset - other.offset));
      expect(published.map(({ offset }) => offset)).toEqual(contents.map((content) => content + 1));
    });

    it("publishes on the topic of the channel only", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      for (const [appId, channel] of hostileKeys) {
        await engine.bus.subscribe(channelTopic({ appId, channel }), () => heard.push(`${appId}/${channel}`));
      }

      for (const [appId, channel] of hostileKeys) await engine.log.append({ appId, channel }, record(1));
      await advance(0);

      // Only what goes to one channel is ordered: those of a cluster come from several servers.
      expect(heard.sort()).toEqual(hostileKeys.map(([appId, channel]) => `${appId}/${channel}`).sort());
    });

    it("stores what it publishes, with its sender", async () => {
      const { engine } = await openEngine(makeEngine);

      await fill(engine, lobby, 2);

      expect((await engine.log.read(lobby, undefined, all)).records).toEqual([
        { offset: 1, ...record(1) },
        { offset: 2, ...record(2) },
      ]);
    });

    it("keeps channels with hostile ids, and those of different apps, apart", async () => {
      const { log } = (await openEngine(makeEngine)).engine;
      const keys = hostileKeys.map(([appId, channel]) => ({ appId, channel }));
      for (const [index, key] of keys.entries()) await log.append(key, record(index));

      for (const [index, key] of keys.entries()) {
        expect((await log.read(key, undefined, all)).records).toEqual([{ offset: 1, ...record(index) }]);
      }
      expect(new Set(await Promise.all(keys.map(async (key) => (await log.head(key)).epoch))).size).toBe(keys.length);
    });
  });
}

function describeRead(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: channel log, reading`, () => {
    it("reads after a place forward and before it backward, and says whether more follows", async () => {
      const { engine } = await openEngine(makeEngine);
      await fill(engine, lobby, 5);
      const head = await engine.log.head(lobby);
      const from = { epoch: head.epoch, offset: 3 };

      const forward = await engine.log.read(lobby, from, { limit: 2 });
      const forwardPart = await engine.log.read(lobby, from, { limit: 1 });
      const backward = await engine.log.read(lobby, from, { limit: 2, backward: true });
      const backwardPart = await engine.log.read(lobby, from, { limit: 1, backward: true });

      expect([forward, forwardPart, backward, backwardPart].map(offsetsOf)).toEqual([[4, 5], [4], [2, 1], [2]]);
      expect([forward, forwardPart, backward, backwardPart].map(({ more }) => more)).toEqual([false, true, false, true]);
      for (const range of [forward, forwardPart, backward, backwardPart]) expect(range).toMatchObject({ head, gap: false });
    });

    it("reads from the old end forward and from the new end backward without a place, and finds no gap", async () => {
      const { engine } = await openEngine(makeEngine, { channelHistoryMessages: 3 });
      await fill(engine, lobby, 5);

      const forward = await engine.log.read(lobby, undefined, { limit: 2 });
      const backward = await engine.log.read(lobby, undefined, { limit: 2, backward: true });

      expect(forward).toMatchObject({ more: true, gap: false });
      expect(backward).toMatchObject({ more: true, gap: false });
      expect([forward, backward].map(offsetsOf)).toEqual([
        [3, 4],
        [5, 4],
      ]);
    });

    it("finds nothing and no gap at the head, before the beginning, and in an empty channel", async () => {
      const { engine } = await openEngine(makeEngine);
      await fill(engine, lobby, 2);
      const head = await engine.log.head(lobby);

      const ranges = [
        await engine.log.read(lobby, head, all),
        await engine.log.read(lobby, { epoch: head.epoch, offset: 0 }, allBackward),
        await engine.log.read({ appId: "app", channel: "empty" }, undefined, all),
        await engine.log.read({ appId: "app", channel: "empty" }, undefined, allBackward),
      ];

      for (const range of ranges) expect(range).toMatchObject({ records: [], more: false, gap: false });
    });

    it("tells a gap when the next record is forgotten, at its exact edge", async () => {
      const { engine } = await openEngine(makeEngine, { channelHistoryMessages: 3 });
      await fill(engine, lobby, 10);
      const { epoch } = await engine.log.head(lobby);

      const complete = await engine.log.read(lobby, { epoch, offset: 7 }, all);
      const torn = await engine.log.read(lobby, { epoch, offset: 6 }, all);

      expect([complete, torn].map(offsetsOf)).toEqual([
        [8, 9, 10],
        [8, 9, 10],
      ]);
      expect([complete.gap, torn.gap]).toEqual([false, true]);
    });

    it("tells a gap backward when the record before is forgotten, at its exact edge", async () => {
      const { engine } = await openEngine(makeEngine, { channelHistoryMessages: 3 });
      await fill(engine, lobby, 10);
      const { epoch } = await engine.log.head(lobby);

      const complete = await engine.log.read(lobby, { epoch, offset: 9 }, allBackward);
      const torn = await engine.log.read(lobby, { epoch, offset: 8 }, allBackward);

      expect([complete, torn].map(offsetsOf)).toEqual([[8], []]);
      expect([complete.gap, torn.gap]).toEqual([false, true]);
    });

    it("takes the beginning of no epoch for the beginning of the present one", async () => {
      const { engine } = await openEngine(makeEngine, { channelHistoryMessages: 3 });
      await fill(engine, lobby, 3);
      const complete = await engine.log.read(lobby, { epoch: "", offset: 0 }, all);
      await engine.log.append(lobby, record(4));
      const torn = await engine.log.read(lobby, { epoch: "", offset: 0 }, all);

      expect([complete.gap, torn.gap]).toEqual([false, true]);
      expect(offsetsOf(complete)).toEqual([1, 2, 3]);
    });

    it("tells a gap and gives all there is for a place of another epoch or beyond the head", async () => {
      const { engine } = await openEngine(makeEngine);
      await fill(engine, lobby, 3);
      const { epoch } = await engine.log.head(lobby);

      for (const from of [
        { epoch: "another", offset: 2 },
        { epoch: "another", offset: 0 },
        { epoch: "", offset: 1 },
        { epoch, offset: 4 },
      ]) {
        const forward = await engine.log.read(lobby, from, all);
        const backward = await engine.log.read(lobby, from, allBackward);
        expect([forward, backward].map(offsetsOf)).toEqual([
          [1, 2, 3],
          [3, 2, 1],
        ]);
        expect([forward.gap, backward.gap]).toEqual([true, true]);
      }
    });

    it("pages through all that it remembers, in either direction, whatever the size of a page, and what came together", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 }),
          fc.integer({ min: 1, max: 12 }),
          fc.boolean(),
          async (bursts, limit, backward) => {
            const { engine } = await openEngine(makeEngine, { channelHistoryMessages: 10 });
            let count = 0;
            for (const burst of bursts) {
              const values = Array.from({ length: burst }, (_, index) => count + index + 1);
              await Promise.all(values.map((value) => engine.log.append(lobby, record(value))));
              count += burst;
            }
            const { epoch } = await engine.log.head(lobby);
            const oldest = Math.max(1, count - 9);
            const remembered = Array.from({ length: count - oldest + 1 }, (_, index) => oldest + index);

            const paged: LogRecord[] = [];
            let page = await engine.log.read(lobby, undefined, { limit, backward });
            paged.push(...page.records);
            while (page.more) {
              page = await engine.log.read(lobby, { epoch, offset: paged.at(-1)?.offset ?? 0 }, { limit, backward });
              expect(page.gap).toBe(false);
              paged.push(...page.records);
            }

            const found = paged.map(({ offset, sender, message }) => ({ offset, sender, message: [...message] }));
            const expected = remembered.map((offset) => ({ offset, sender: `sender${offset}`, message: [offset] }));
            expect(found).toEqual(backward ? expected.reverse() : expected);
          },
        ),
        { numRuns: 50 },
      );
    });
  });
}

function describeForgetting(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: channel log, forgetting`, () => {
    it("forgets a record when it is channelHistoryAgeMs old, to the moment, and keeps the head", async () => {
      const { engine, advance } = await openEngine(makeEngine, { channelHistoryAgeMs: 10_000 });
      await fill(engine, lobby, 1);
      await advance(4_000);
      const head = await engine.log.append(lobby, record(2));

      await advance(5_999);
      expect(offsetsOf(await engine.log.read(lobby, undefined, all))).toEqual([1, 2]);
      await advance(1);
      expect(offsetsOf(await engine.log.read(lobby, undefined, all))).toEqual([2]);
      await advance(4_000);
      expect(await engine.log.read(lobby, { epoch: head.epoch, offset: 1 }, all)).toEqual({
        records: [],
        head,
        more: false,
        gap: true,
      });
      for (const [from, options] of [
        [head, all],
        [undefined, all],
        [undefined, allBackward],
      ] as const) {
        expect(await engine.log.read(lobby, from, options)).toEqual({ records: [], head, more: false, gap: false });
      }
    });

    it("gives the next offset after all records are forgotten", async () => {
      const { engine, advance } = await openEngine(makeEngine, { channelHistoryAgeMs: 10_000 });
      await fill(engine, lobby, 2);
      const head = await engine.log.head(lobby);
      await advance(60_000);

      expect(await engine.log.append(lobby, record(3))).toEqual({ epoch: head.epoch, offset: 3 });
      expect(offsetsOf(await engine.log.read(lobby, undefined, all))).toEqual([3]);
    });

    it("remembers no message with a history of 0 messages or 0 ms, and tells the gap", async () => {
      for (const limits of [{ channelHistoryMessages: 0 }, { channelHistoryAgeMs: 0 }]) {
        const { engine } = await openEngine(makeEngine, limits);
        const { epoch } = await engine.log.head(lobby);
        await fill(engine, lobby, 2);

        expect(await engine.log.read(lobby, { epoch, offset: 0 }, all)).toEqual({
          records: [],
          head: { epoch, offset: 2 },
          more: false,
          gap: true,
        });
      }
    });

    it("keeps epoch and head for emptyChannelAgeMs after the last use, and begins a new epoch then", async () => {
      const { engine, advance } = await openEngine(makeEngine, { emptyChannelAgeMs: 3_600_000 });
      const first = await engine.log.append(lobby, record(1));
      await advance(3_599_999);
      expect(await engine.log.head(lobby)).toEqual(first);
      await advance(3_599_999);
      expect((await engine.log.read(lobby, first, all)).gap).toBe(false);
      await advance(3_600_000);

      const later = await engine.log.read(lobby, first, all);

      expect(later.head.epoch).not.toBe(first.epoch);
      expect(later).toMatchObject({ records: [], head: { offset: 0 }, gap: true });
    });

    it("keeps the head of a channel for a minute even if empty channels are not kept at all", async () => {
      const { engine, advance } = await openEngine(makeEngine, { emptyChannelAgeMs: 0, channelHistoryAgeMs: 0 });
      const first = await engine.log.append(lobby, record(1));
      await advance(59_999);

      expect(await engine.log.append(lobby, record(2))).toEqual({ epoch: first.epoch, offset: 2 });
    });

    it("forgets a channel at once when told to, and no other", async () => {
      const { engine } = await openEngine(makeEngine);
      const other = { appId: "other", channel: "lobby" };
      await fill(engine, lobby, 2);
      await fill(engine, other, 2);
      const before = await engine.log.head(lobby);

      await engine.log.forget(lobby);

      const after = await engine.log.read(lobby, before, all);
      expect(after.head.epoch).not.toBe(before.epoch);
      expect(after).toMatchObject({ records: [], head: { offset: 0 }, gap: true });
      expect(offsetsOf(await engine.log.read(other, undefined, all))).toEqual([1, 2]);
    });
  });
}
