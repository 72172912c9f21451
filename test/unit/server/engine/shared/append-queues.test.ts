import { expect, it } from "vitest";
import type { LogPosition, NewRecord } from "../../../../../src/server/engine/ports/channel-log.js";
import { EngineExhausted } from "../../../../../src/server/engine/ports/unavailable.js";
import { AppendQueues } from "../../../../../src/server/engine/shared/append-queues.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const lobby = { appId: "app", channel: "lobby" };
const hall = { appId: "app", channel: "hall" };
const record = (sender: string, bytes = 1) => ({ record: { sender, message: new Uint8Array(bytes) } });

/** Queues for a log that answers at once, or never. */
function openQueues({ busy = false, answers = true } = {}) {
  const runtime = createManualRuntime();
  const load = { busy };
  const calls: string[] = [];
  const appended: NewRecord[] = [];
  const queues = new AppendQueues<{ readonly record: NewRecord }>({
    clock: runtime.clock,
    load,
    appendAll(channel, items) {
      appended.push(...items.map((item) => item.record));
      calls.push(`${channel.channel}: ${items.map((item) => item.record.sender).join(" ")}`);
      const places = items.map((_, index): LogPosition => ({ epoch: "1", offset: index + 1 }));
      return answers ? Promise.resolve(places) : new Promise(() => {});
    },
  });
  return { queues, load, calls, appended, runtime };
}

it("appends what comes in one step together, each channel alone, and gives each its place", async () => {
  const { queues, calls, runtime } = openQueues();

  const places = await Promise.all([
    queues.append(lobby, record("a")),
    queues.append(hall, record("b")),
    queues.append(lobby, record("c")),
  ]);

  expect(calls).toEqual(["lobby: a c", "hall: b"]);
  expect(places.map(({ offset }) => offset)).toEqual([1, 1, 2]);
  await queues.append(lobby, record("d"));
  expect(calls).toEqual(["lobby: a c", "hall: b", "lobby: d"]);
  expect(runtime.plannedTasks).toBe(0);
});

it("pauses for 20 ms behind a call on a busy node, also for what comes meanwhile, and no longer when it is not busy any more", async () => {
  const { queues, load, calls, runtime } = openQueues({ busy: true });
  await queues.append(lobby, record("a"));
  await runtime.advanceAsync(10);
  void queues.append(lobby, record("b"));
  await runtime.advanceAsync(9);
  void queues.append(lobby, record("c"));
  await runtime.settle();
  expect(calls).toEqual(["lobby: a"]);

  load.busy = false;
  await runtime.advanceAsync(1);
  await queues.append(lobby, record("d"));

  expect(calls).toEqual(["lobby: a", "lobby: b c", "lobby: d"]);
});

it("goes at once behind a pause in which nothing came", async () => {
  const { queues, calls, runtime } = openQueues({ busy: true });
  await queues.append(lobby, record("a"));
  await runtime.advanceAsync(20);

  await queues.append(lobby, record("b"));

  expect(calls).toEqual(["lobby: a", "lobby: b"]);
});

it("refuses what is too much to wait for all channels together, in messages and in bytes", async () => {
  const { queues, runtime } = openQueues({ answers: false });
  void queues.append(lobby, record("a"));
  void queues.append(hall, record("a"));
  await runtime.settle();

  for (let count = 0; count < 10_000; count += 1) {
    void queues.append(lobby, record("b"));
    void queues.append(hall, record("b"));
  }

  expect(queues.waiting).toEqual({ messages: 20_000, bytes: 20_000 });
  await expect(queues.append(hall, record("c"))).rejects.toThrow(EngineExhausted);

  const others = openQueues({ answers: false });
  void others.queues.append(lobby, record("a"));
  await others.runtime.settle();
  void others.queues.append(lobby, record("b", 32 * 1024 * 1024));
  await expect(others.queues.append(hall, record("c"))).rejects.toThrow("too many messages to channels wait");
});

it("counts what waits, and no longer what is under way or done", async () => {
  const { queues, load, runtime } = openQueues({ busy: true });
  await queues.append(lobby, record("a", 100));
  void queues.append(lobby, record("b", 20));
  void queues.append(hall, record("c", 3));
  expect(queues.waiting).toEqual({ messages: 2, bytes: 23 });

  await runtime.settle();
  expect(queues.waiting).toEqual({ messages: 1, bytes: 20 });

  load.busy = false;
  await runtime.advanceAsync(20);
  expect(queues.waiting).toEqual({ messages: 0, bytes: 0 });
});

it("keeps of what waits no memory that others share", async () => {
  const { queues, appended } = openQueues();
  const slab = Buffer.alloc(1000, 7);

  await queues.append(lobby, { record: { sender: "a", message: slab.subarray(10, 20) } });

  expect(appended.map(({ message }) => [...message])).toEqual([Array(10).fill(7)]);
  expect(appended.map(({ message }) => message.buffer.byteLength)).toEqual([10]);
});
