import { expect, it } from "vitest";
import { BatchQueue } from "../../../../../src/server/engine/shared/batch-queue.js";

interface Call {
  readonly items: readonly string[];
  readonly answer: (results: readonly (number | Error)[]) => void;
  readonly fail: (failure: Error) => void;
}

/** A queue of texts, each as large as it is long, that go 3 at a time or 10 bytes. */
function openQueue(pace?: () => Promise<void>) {
  const calls: Call[] = [];
  let idle = 0;
  const queue = new BatchQueue<string, number>({
    batch: { items: 3, bytes: 10 },
    sizeOf: (item) => item.length,
    call: (items) => new Promise((answer, fail) => calls.push({ items, answer, fail })),
    ...(pace === undefined ? {} : { pace }),
    idle: () => {
      idle += 1;
    },
  });
  return { queue, calls, idleTimes: () => idle };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it("makes one call for what comes in one step, and the next one with what came meanwhile, in order", async () => {
  const { queue, calls, idleTimes } = openQueue();
  const first = [queue.add("a"), queue.add("b")];
  await settle();
  const second = [queue.add("c"), queue.add("d")];
  await settle();
  expect(calls.map(({ items }) => items)).toEqual([["a", "b"]]);
  expect([queue.items, queue.bytes]).toEqual([2, 2]);

  calls[0]?.answer([1, 2]);
  await settle();
  calls[1]?.answer([3, 4]);

  expect(await Promise.all([...first, ...second])).toEqual([1, 2, 3, 4]);
  expect(calls.map(({ items }) => items)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  await settle();
  expect([queue.items, queue.bytes, idleTimes()]).toEqual([0, 0, 1]);
});

it("gives a call so many items or bytes, and an item that is larger a call of its own", async () => {
  const { queue, calls } = openQueue();
  for (const item of ["a", "b", "c", "d", "123456789", "x", "12345678901", "y"]) void queue.add(item);

  for (let index = 0; index < 5; index += 1) {
    await settle();
    calls[index]?.answer(calls[index]?.items.map(() => 0) ?? []);
  }

  expect(calls.map(({ items }) => items)).toEqual([["a", "b", "c"], ["d", "123456789"], ["x"], ["12345678901"], ["y"]]);
});

it("rejects the item whose result is an error, or all items of a call that fails, and goes on", async () => {
  const { queue, calls } = openQueue();
  const results = ["a", "b", "c", "d", "e"].map((item) => queue.add(item).catch(({ message }: Error) => message));
  await settle();
  calls[0]?.answer([1, new Error("refused"), 3]);
  await settle();
  calls[1]?.fail(new Error("lost"));
  await settle();
  const next = queue.add("f");
  await settle();
  calls[2]?.answer([6]);

  expect(await Promise.all(results)).toEqual([1, "refused", 3, "lost", "lost"]);
  expect(await next).toBe(6);
});

it("waits between two calls, unless the next one is full, and is not idle before", async () => {
  const paces: (() => void)[] = [];
  const { queue, calls, idleTimes } = openQueue(() => new Promise((resolve) => paces.push(resolve)));
  void queue.add("a");
  await settle();
  calls[0]?.answer([1]);
  await settle();
  void queue.add("b");
  await settle();
  expect([calls.length, paces.length]).toEqual([1, 1]);

  for (const item of ["c", "d", "e", "f"]) void queue.add(item);
  paces[0]?.();
  await settle();
  expect(calls[1]?.items).toEqual(["b", "c", "d"]);
  void queue.add("g");
  calls[1]?.answer([2, 3, 4]);
  await settle();
  expect([calls[2]?.items, paces.length]).toEqual([["e", "f", "g"], 1]);

  calls[2]?.answer([5, 6, 7]);
  await settle();
  expect(idleTimes()).toBe(0);
  paces[1]?.();
  await settle();
  expect(idleTimes()).toBe(1);
});
