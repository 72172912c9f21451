import { expect, test } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { migrate } from "../../../../../src/server/engine/store/schema.js";
import { Sql } from "../../../../../src/server/engine/store/sql.js";
import { DatabaseSync } from "../../../../../src/server/engine/store/sqlite.js";
import { ChannelLogTable } from "../../../../../src/server/engine/store/tables/channel-log-table.js";
import { segmentOf } from "../../../../support/segment.js";

const lobby = { appId: "app", channel: "lobby" };
const one = segmentOf(Uint8Array.of(1));
const all = { limit: 1000 };
const ageMs = 60_000;

function openTable() {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const time = { nowMs: 1_000_000 };
  let ids = 0;
  const limits = { ...defaultLimits, channelHistoryMessages: 3, channelHistoryAgeMs: ageMs, emptyChannelAgeMs: ageMs };
  const table = new ChannelLogTable({
    sql: new Sql(database),
    now: () => time.nowMs,
    limits,
    newId: () => `epoch${++ids}`,
  });
  const transact = <T>(work: () => T, end: "COMMIT" | "ROLLBACK" = "COMMIT"): T => {
    database.exec("BEGIN");
    const result = work();
    table.settle();
    database.exec(end);
    if (end === "COMMIT") table.committed();
    else table.rolledBack();
    return result;
  };
  const ages = () => database.prepare("SELECT stored_at AS at FROM channel_segments ORDER BY last").all();
  return { table, time, transact, ages };
}

test("what a transaction appended that was rolled back has no place", () => {
  const { table, transact } = openTable();
  const first = transact(() => table.append(lobby, one));
  transact(() => [table.append(lobby, one), table.append(lobby, one)], "ROLLBACK");

  expect(transact(() => table.append(lobby, one))).toEqual({ ...first, offset: 2 });
});

test("a channel whose first message was rolled back keeps the epoch that it had told, and takes messages", () => {
  const { table, transact } = openTable();
  const { epoch } = transact(() => table.head(lobby));
  transact(() => table.append(lobby, one), "ROLLBACK");
  transact(() => table.sweep(10), "ROLLBACK");

  expect(transact(() => table.append(lobby, one))).toEqual({ epoch, offset: 1 });
});

test("a channel that was forgotten in a transaction that was rolled back is as before", () => {
  const { table, transact } = openTable();
  const first = transact(() => table.append(lobby, one));
  transact(() => {
    table.forget(lobby);
    table.append(lobby, one);
  }, "ROLLBACK");

  expect(transact(() => table.read(lobby, undefined, all))).toMatchObject({ head: first, records: [{ offset: 1 }] });
});

test("within a transaction a read finds what was appended before it, and no more than the history", () => {
  const { table, transact } = openTable();

  const range = transact(() => {
    for (let i = 0; i < 5; i += 1) table.append(lobby, one);
    return table.read(lobby, undefined, all);
  });

  expect(range.records.map(({ offset }) => offset)).toEqual([3, 4, 5]);
});

test("ages rise with the offsets when the time of day goes back, also after a sweep", () => {
  const { table, time, transact, ages } = openTable();
  transact(() => table.append(lobby, one));
  transact(() => table.sweep(10));
  time.nowMs -= 1000;
  transact(() => table.append(lobby, one));

  expect(ages()).toEqual([{ at: 1_000_000 }, { at: 1_000_000 }]);
});

test("a channel in use is kept though its uses wait for others to be written down", () => {
  const { table, time, transact } = openTable();
  const hall = { appId: "app", channel: "hall" };
  const first = transact(() => [table.append(lobby, one), table.append(hall, one)][1]);
  time.nowMs += ageMs - 1;
  transact(() => [table.head(lobby), table.head(hall)]);
  time.nowMs += 1;
  transact(() => table.sweep(1));
  transact(() => table.sweep(1));
  time.nowMs += ageMs - 2;

  expect(transact(() => table.head(hall))).toEqual(first);
});

test("messages that were stored together are read one by one, in either direction, and forgotten one by one", () => {
  const { table, transact } = openTable();
  const read = (from: number | undefined, backward: boolean, limit: number) =>
    transact(() => {
      const { epoch } = table.head(lobby);
      const place = from === undefined ? undefined : { epoch, offset: from };
      const { records, more, gap } = table.read(lobby, place, { backward, limit });
      return { messages: records.map(({ offset, message }) => [offset, message[0]]), more, gap };
    });
  const three = segmentOf(Uint8Array.of(10), Uint8Array.of(20), Uint8Array.of(30));
  transact(() => table.append(lobby, three));
  const first = transact(() => table.append(lobby, segmentOf(Uint8Array.of(40), Uint8Array.of(50))));

  expect(first.offset).toBe(4);
  // The history has three messages: one of the first segment, and both of the second.
  expect(read(undefined, false, 2)).toEqual({
    messages: [
      [3, 30],
      [4, 40],
    ],
    more: true,
    gap: false,
  });
  expect(read(4, false, 9)).toEqual({ messages: [[5, 50]], more: false, gap: false });
  expect(read(undefined, true, 2)).toEqual({
    messages: [
      [5, 50],
      [4, 40],
    ],
    more: true,
    gap: false,
  });
  expect(read(4, true, 9)).toEqual({ messages: [[3, 30]], more: false, gap: false });
  expect(read(1, false, 9)).toEqual({
    messages: [
      [3, 30],
      [4, 40],
      [5, 50],
    ],
    more: false,
    gap: true,
  });

  transact(() => table.append(lobby, segmentOf(Uint8Array.of(60))));
  expect(read(undefined, false, 9)).toEqual({
    messages: [
      [4, 40],
      [5, 50],
      [6, 60],
    ],
    more: false,
    gap: false,
  });
});
