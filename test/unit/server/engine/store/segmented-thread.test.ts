import { expect, test } from "vitest";
import { LogSegment, type StoredMessage } from "../../../../../gen/aldis/node/v1/segment.js";
import type { StoreAnswer, StoreCall } from "../../../../../src/server/engine/store/calls.js";
import { SegmentedThread } from "../../../../../src/server/engine/store/segmented-thread.js";
import type { NewSegment } from "../../../../../src/server/engine/store/tables/channel-log-table.js";

const lobby = { appId: "app", channel: "lobby" };
const hall = { appId: "app", channel: "hall" };
const well = { health: "ok", reason: "", freeBytes: 1 } as const;

const append = (channel: object, message: number | Uint8Array, nowMs = 1): StoreCall => {
  const bytes = typeof message === "number" ? Uint8Array.of(message) : message;
  return { port: "log", method: "append", args: [channel, { sender: "ada", message: bytes, once: "id" }], nowMs };
};
const read: StoreCall = { port: "log", method: "read", args: [lobby, undefined, { limit: 1 }], nowMs: 1 };
const ban: StoreCall = { port: "bans", method: "list", args: [], nowMs: 1 };

/** A thread that notes the calls, and gives each answer in turn; by default the place 100 times the number of the call. */
function threadOf(answers?: readonly StoreAnswer[]) {
  const calls: StoreCall[] = [];
  const stored: unknown[] = [];
  const worker = {
    async run(batch: readonly StoreCall[]) {
      calls.push(...batch);
      const places = batch.map((_, index) => ({ ok: true, value: { epoch: "e", offset: 100 * (index + 1) } }) as const);
      return { answers: answers ?? places, ...well };
    },
    async close() {},
  };
  const thread = new SegmentedThread(worker, (channel, { place, messages }) => {
    stored.push([channel, place, contained(messages)]);
  });
  return { thread, calls, stored };
}

const contained = (messages: readonly StoredMessage[]) => messages.map(({ sender, message }) => [sender, message[0]]);

/** The first bytes of the messages of a call, or its method if it is no append. */
function contents({ method, args }: StoreCall): unknown {
  if (method !== "append") return method;
  const { count, messages } = args[1] as NewSegment;
  const all = contained(LogSegment.decode(messages).messages);
  expect(all).toHaveLength(count);
  return all;
}

const offsets = (answers: readonly StoreAnswer[]) =>
  answers.map((answer) => (answer.ok ? (answer.value as { offset: number }).offset : answer.kind));

test("the messages of a batch that go to one channel are one call, and each gets its own place", async () => {
  const { thread, calls } = threadOf();

  const answer = await thread.run([
    append(lobby, 1, 5),
    append(hall, 2),
    ban,
    append(lobby, 3, 6),
    append(hall, 4),
    append(lobby, 5),
  ]);

  expect(calls.map(contents)).toEqual([
    [
      ["ada", 1],
      ["ada", 3],
      ["ada", 5],
    ],
    [
      ["ada", 2],
      ["ada", 4],
    ],
    "list",
  ]);
  expect(calls.map(({ nowMs }) => nowMs)).toEqual([5, 1, 1]);
  expect(offsets(answer.answers)).toEqual([100, 200, 300, 101, 201, 102]);
  expect(answer).toMatchObject({ ...well, answers: [{ value: { epoch: "e" } }, {}, {}, { value: { epoch: "e" } }, {}, {}] });
});

test("a read of a channel stays between the messages before it and those behind it", async () => {
  const { thread, calls } = threadOf();

  const { answers } = await thread.run([append(lobby, 1), append(hall, 2), read, append(lobby, 3), append(hall, 4)]);

  expect(calls.map(contents)).toEqual([
    [["ada", 1]],
    [
      ["ada", 2],
      ["ada", 4],
    ],
    "read",
    [["ada", 3]],
  ]);
  expect(offsets(answers)).toEqual([100, 200, 300, 400, 201]);
});

test("what becomes of a segment becomes of all its messages", async () => {
  const { thread } = threadOf([{ ok: false, kind: "full", message: "no room" }]);

  const { answers } = await thread.run([append(lobby, 1), append(lobby, 2)]);

  expect(answers).toEqual([
    { ok: false, kind: "full", message: "no room" },
    { ok: false, kind: "full", message: "no room" },
  ]);
});

test("a segment has at most 512 messages", async () => {
  const { thread, calls } = threadOf();

  const { answers } = await thread.run(Array.from({ length: 513 }, () => append(lobby, 1)));

  expect(calls.map(({ args }) => (args[1] as NewSegment).count)).toEqual([512, 1]);
  expect(offsets(answers).slice(510)).toEqual([610, 611, 200]);
});

test("a segment has at most 64 KiB of messages, unless it is one larger message", async () => {
  const { thread, calls } = threadOf();
  const [half, large] = [new Uint8Array(32_768), new Uint8Array(65_537)];

  await thread.run([half, half, new Uint8Array(1), large, new Uint8Array(1)].map((message) => append(lobby, message)));

  expect(calls.map(({ args }) => (args[1] as NewSegment).count)).toEqual([2, 1, 1, 1]);
});

test("tells the segments that are on disk, in the order of their places, before their calls are answered", async () => {
  const place = (offset: number) => ({ ok: true, value: { epoch: "e", offset } }) as const;
  const { thread, stored } = threadOf([place(7), place(3), { ok: false, kind: "fault", message: "" }, place(9)]);

  const answer = thread
    .run([append(lobby, 1), append(hall, 2), append(lobby, 3), read, append(lobby, 4)])
    .then(() => stored.length);

  expect(await answer).toBe(3);
  expect(stored).toEqual([
    [
      lobby,
      { epoch: "e", offset: 7 },
      [
        ["ada", 1],
        ["ada", 3],
      ],
    ],
    [hall, { epoch: "e", offset: 3 }, [["ada", 2]]],
    [lobby, { epoch: "e", offset: 9 }, [["ada", 4]]],
  ]);
});

test("tells nothing of messages that could not be stored", async () => {
  const { thread, stored } = threadOf([{ ok: false, kind: "full", message: "no room" }]);

  await thread.run([append(lobby, 1)]);

  expect(stored).toEqual([]);
});
