import { expect, test } from "vitest";
import type { NewSegment, StoreCall } from "../../../../../src/server/engine/store/calls.js";
import { GroupCommit } from "../../../../../src/server/engine/store/group-commit.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";
import { healthyStore } from "../../../../support/store-in-this-thread.js";

const lobby = { appId: "app", channel: "lobby" };
const record = { sender: "ada", message: Uint8Array.of(1) };
const read: StoreCall = { port: "log", method: "head", args: [lobby], nowMs: 0 };

/** Commits to a thread that remembers the methods of each batch, once for each message. */
function commitsOf(load: { busy: boolean }) {
  const runtime = createManualRuntime();
  const batches: string[][] = [];
  const times: number[] = [];
  const disk = { takesMs: 0 };
  const thread = {
    async run(batch: readonly StoreCall[]) {
      batches.push(batch.flatMap(methodsOf));
      const answers = batch.map(() => ({ ok: true as const, value: { epoch: "e", offset: 1 } }));
      if (disk.takesMs > 0) await new Promise<void>((resolve) => runtime.clock.after(disk.takesMs, resolve));
      return { answers, health: "ok" as const, reason: "", freeBytes: 1 };
    },
    async close() {},
  };
  const observer = { ...healthyStore, onBatch: (ms: number) => times.push(ms) };
  const commits = new GroupCommit(thread, runtime.clock, load, observer, () => {});
  return { commits, batches, times, disk, runtime };
}

function methodsOf({ method, args }: StoreCall): string[] {
  const { count } = method === "append" ? (args[1] as NewSegment) : { count: 1 };
  return Array.from({ length: count }, () => method);
}

/** The same on a busy node that has just stored something. */
async function busyCommits() {
  const made = commitsOf({ busy: true });
  await made.commits.call(read);
  made.batches.length = 0;
  return made;
}

test("on an idle node a message to a channel waits for nobody", async () => {
  const { commits, batches } = commitsOf({ busy: false });
  await commits.append(lobby, record);
  await commits.append(lobby, record);
  expect(batches).toEqual([["append"], ["append"]]);
});

test("on a busy node messages to channels wait for more of them, until 23 ms after the batch before began", async () => {
  const { commits, batches, runtime } = await busyCommits();
  const calls = [commits.append(lobby, record)];
  await runtime.advanceAsync(22);
  calls.push(commits.append(lobby, record));
  expect(batches).toEqual([]);
  await runtime.advanceAsync(1);
  await Promise.all(calls);
  expect(batches).toEqual([["append", "append"]]);
});

test("on a busy node how late a message comes does not make the wait longer", async () => {
  const { commits, batches, runtime } = await busyCommits();
  await runtime.advanceAsync(20);
  const call = commits.append(lobby, record);
  await runtime.advanceAsync(2);
  expect(batches).toEqual([]);
  await runtime.advanceAsync(1);
  await call;
  expect(batches).toEqual([["append"]]);
});

test("on a busy node there are at least 15 ms between two batches, however long one takes", async () => {
  const { commits, batches, disk, runtime } = await busyCommits();
  disk.takesMs = 12;
  const calls = [commits.call(read), commits.append(lobby, record)];
  await runtime.advanceAsync(1);
  calls.push(commits.append(lobby, record));
  await runtime.advanceAsync(25);
  expect(batches).toEqual([["head", "append"]]);
  await runtime.advanceAsync(1);
  expect(batches).toEqual([["head", "append"], ["append"]]);
  await runtime.advanceAsync(12);
  await Promise.all(calls);
});

test("on a busy node any other call goes at once, and takes along what waits", async () => {
  const { commits, batches, runtime } = await busyCommits();
  const waiting = commits.append(lobby, record);
  await runtime.advanceAsync(1);
  await Promise.all([waiting, commits.call(read)]);
  await commits.call(read);
  expect(batches).toEqual([["append", "head"], ["head"]]);
});

test("on a busy node messages to channels wait for at least 15 ms, however many there are", async () => {
  const { commits, batches, runtime } = await busyCommits();
  const calls = Array.from({ length: 50 }, () => commits.append(lobby, record));
  await runtime.advanceAsync(14);
  calls.push(...Array.from({ length: 50 }, () => commits.append(lobby, record)));
  expect(batches).toEqual([]);
  await runtime.advanceAsync(1);
  await Promise.all(calls);
  expect(batches.map((batch) => batch.length)).toEqual([100]);
});

test("on a busy node 32 messages to channels wait for no more of them after that", async () => {
  const { commits, batches, runtime } = await busyCommits();
  const calls = Array.from({ length: 31 }, () => commits.append(lobby, record));
  await runtime.advanceAsync(22);
  expect(batches).toEqual([]);
  calls.push(commits.append(lobby, record));
  await Promise.all(calls);
  expect(batches.map((batch) => batch.length)).toEqual([32]);
});

test("on a busy node a full batch does not wait, and what is closed is done", async () => {
  const { commits, batches, runtime } = await busyCommits();
  const calls = Array.from({ length: 2001 }, () => commits.append(lobby, record));
  const closed = commits.close();
  await runtime.advanceAsync(20);
  await Promise.all([...calls, closed]);
  // Three segments of 512 messages, and the rest.
  expect(batches.map((batch) => batch.length)).toEqual([1536, 465]);
});

test("on a busy node a message waits for nobody if nothing was stored for 23 ms", async () => {
  const { commits, batches, runtime } = await busyCommits();
  await runtime.advanceAsync(23);
  await commits.append(lobby, record);
  const next = commits.append(lobby, record);
  await runtime.advanceAsync(22);
  expect(batches).toEqual([["append"]]);
  await runtime.advanceAsync(1);
  await next;
  expect(batches).toEqual([["append"], ["append"]]);
});

test("tells how long each batch took, and how many calls wait for it", async () => {
  const { commits, times, disk, runtime } = commitsOf({ busy: false });
  disk.takesMs = 30;
  const calls = [commits.append(lobby, record)];
  await runtime.advanceAsync(10);
  calls.push(commits.append(lobby, record), commits.append(lobby, record));
  const waiting = commits.waitingCalls;
  await runtime.advanceAsync(50);
  await Promise.all(calls);
  expect([times, waiting, commits.waitingCalls]).toEqual([[30, 30], 2, 0]);
});
