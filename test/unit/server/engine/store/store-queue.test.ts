import { expect, test } from "vitest";
import { LogSegment, type StoredMessage } from "../../../../../gen/aldis/node/v1/segment.js";
import { EngineExhausted, EngineUnavailable } from "../../../../../src/server/engine/ports/unavailable.js";
import type { NewSegment, StoreAnswer, StoreCall } from "../../../../../src/server/engine/store/calls.js";
import { StoreQueue } from "../../../../../src/server/engine/store/store-queue.js";

const lobby = { appId: "app", channel: "lobby" };
const hall = { appId: "app", channel: "hall" };
const read: StoreCall = { port: "log", method: "read", args: [lobby, undefined, { limit: 1 }], nowMs: 1 };
const ban: StoreCall = { port: "bans", method: "list", args: [], nowMs: 1 };

const place = (offset: number): StoreAnswer => ({ ok: true, value: { epoch: "e", offset } });
const full: StoreAnswer = { ok: false, kind: "full", message: "no room" };

/** A queue, and what it has told of messages that are on disk. */
function newQueue() {
  const stored: unknown[] = [];
  const queue = new StoreQueue((channel, { place: at, messages }) => stored.push([channel, at, contained(messages)]));
  const append = (channel: typeof lobby, message: number | Uint8Array, nowMs = 1) => {
    const bytes = typeof message === "number" ? Uint8Array.of(message) : message;
    return queue.append(channel, { sender: "ada", message: bytes }, nowMs);
  };
  return { queue, append, stored };
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

/** Takes a batch and settles it with the answers; by default the place 100 times the number of the call. Gives its calls. */
function settleBatch(queue: StoreQueue, answers?: readonly StoreAnswer[]): StoreCall[] {
  const batch = queue.take();
  const calls = batch.map((waiting) => waiting.toCall());
  for (const [index, waiting] of batch.entries()) {
    waiting.settle(answers === undefined ? place(100 * (index + 1)) : answers[index]);
  }
  return calls;
}

const counts = (calls: readonly StoreCall[]) => calls.map(({ args }) => (args[1] as NewSegment).count);

test("messages to one channel are one call, and each gets its own place", async () => {
  const { queue, append } = newQueue();
  const answers = [
    append(lobby, 1, 5),
    append(hall, 2),
    queue.call(ban),
    append(lobby, 3, 6),
    append(hall, 4),
    append(lobby, 5),
  ];

  const calls = settleBatch(queue);

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
  const at = (offset: number) => ({ epoch: "e", offset });
  expect(await Promise.all(answers)).toEqual([at(100), at(200), at(300), at(101), at(201), at(102)]);
});

test("a read of a channel stays between the messages before it and those behind it", async () => {
  const { queue, append } = newQueue();
  const answers = [append(lobby, 1), append(hall, 2), queue.call(read), append(lobby, 3), append(hall, 4)];

  const calls = settleBatch(queue);

  expect(calls.map(contents)).toEqual([
    [["ada", 1]],
    [
      ["ada", 2],
      ["ada", 4],
    ],
    "read",
    [["ada", 3]],
  ]);
  expect(await Promise.all(answers)).toMatchObject([100, 200, 300, 400, 201].map((offset) => ({ offset })));
});

test("what comes behind a batch is in another segment", async () => {
  const { queue, append } = newQueue();
  const first = append(lobby, 1);
  const batch = queue.take();

  const second = append(lobby, 2);

  expect(batch.map((waiting) => contents(waiting.toCall()))).toEqual([[["ada", 1]]]);
  batch[0]?.settle(place(7));
  expect(settleBatch(queue, [place(8)]).map(contents)).toEqual([[["ada", 2]]]);
  expect(await Promise.all([first, second])).toMatchObject([{ offset: 7 }, { offset: 8 }]);
});

test("what becomes of a segment becomes of all its messages, and it is not told", async () => {
  const { queue, append, stored } = newQueue();
  const answers = [append(lobby, 1), append(lobby, 2)];

  settleBatch(queue, [full]);

  for (const answer of answers) await expect(answer).rejects.toEqual(new EngineExhausted("no room"));
  expect(stored).toEqual([]);
});

test("a call whose answer is missing, or is a failure, is rejected", async () => {
  const { queue } = newQueue();
  const answers = [queue.call(ban), queue.call(ban)];

  settleBatch(queue, [{ ok: false, kind: "fault", message: "no such table" }]);

  await expect(answers[0]).rejects.toEqual(new EngineUnavailable("no such table"));
  await expect(answers[1]).rejects.toBeInstanceOf(EngineUnavailable);
});

test("a segment has at most 512 messages", async () => {
  const { queue, append } = newQueue();
  const answers = Array.from({ length: 513 }, () => append(lobby, 1));

  expect(counts(settleBatch(queue))).toEqual([512, 1]);
  const offsets = (await Promise.all(answers)).map(({ offset }) => offset);
  expect(offsets.slice(510)).toEqual([610, 611, 200]);
});

test("a segment has at most 64 KiB of messages, unless it is one larger message", () => {
  const { queue, append } = newQueue();
  const [half, large] = [new Uint8Array(32_768), new Uint8Array(65_537)];

  for (const message of [half, half, new Uint8Array(1), large, new Uint8Array(1)]) void append(lobby, message);

  expect(counts(settleBatch(queue))).toEqual([2, 1, 1, 1]);
});

test("tells the segments that are on disk, in the order of their places, before their senders hear of it", async () => {
  const { queue, append, stored } = newQueue();
  const first = append(lobby, 1).then(() => stored.length);
  const others = [append(hall, 2), append(lobby, 3), queue.call(read), append(lobby, 4)];

  settleBatch(queue, [place(7), place(3), full, place(9)]);

  expect(await first).toBe(3);
  await Promise.allSettled(others);
  const at = (offset: number) => ({ epoch: "e", offset });
  const both = [
    ["ada", 1],
    ["ada", 3],
  ];
  expect(stored).toEqual([
    [lobby, at(7), both],
    [hall, at(3), [["ada", 2]]],
    [lobby, at(9), [["ada", 4]]],
  ]);
});

test("a batch has at most 2,000 calls and messages, and 4 MiB; what is left keeps its order", () => {
  const { queue, append } = newQueue();
  for (let i = 0; i < 1999; i += 1) void queue.call(ban);
  void append(lobby, 1);
  void append(lobby, 2);
  void queue.call(read);
  expect(queue.take()).toHaveLength(1999);
  expect(settleBatch(queue).map(contents)).toEqual([
    [
      ["ada", 1],
      ["ada", 2],
    ],
    "read",
  ]);
  for (let i = 0; i < 5; i += 1) void append(lobby, new Uint8Array(1024 * 1024));
  expect(counts(settleBatch(queue))).toEqual([1, 1, 1]);
  expect(counts(settleBatch(queue))).toEqual([1, 1]);
});

test("what does not fit is refused, until there is room again", async () => {
  const { queue, append } = newQueue();
  for (let i = 0; i < 32; i += 1) void append(lobby, new Uint8Array(1024 * 1024 - 259));
  expect(queue.bytes).toBe(32 * 1024 * 1024);
  await expect(append(hall, 1)).rejects.toEqual(new EngineExhausted("too much waits for the disk"));
  await expect(queue.call(ban)).rejects.toBeInstanceOf(EngineExhausted);
  expect([queue.count, queue.hasOnlyMessages]).toEqual([32, true]);
  queue.take();
  void queue.call(ban);
  expect(queue.hasOnlyMessages).toBe(false);
  queue.take();
  expect([queue.count, queue.bytes]).toEqual([24 + 1, 24 * 1024 * 1024 + 256]);
});
