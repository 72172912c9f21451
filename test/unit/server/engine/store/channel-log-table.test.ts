import { expect, test } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { migrate } from "../../../../../src/server/engine/store/schema.js";
import { Sql } from "../../../../../src/server/engine/store/sql.js";
import { DatabaseSync } from "../../../../../src/server/engine/store/sqlite.js";
import { ChannelLogTable } from "../../../../../src/server/engine/store/tables/channel-log-table.js";

const lobby = { appId: "app", channel: "lobby" };
const record = { sender: "ada", message: Uint8Array.of(1) };
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
  const ages = () => database.prepare('SELECT stored_at AS at FROM channel_messages ORDER BY "offset"').all();
  return { table, time, transact, ages };
}

test("what a transaction appended that was rolled back has no place", () => {
  const { table, transact } = openTable();
  const first = transact(() => table.append(lobby, record));
  transact(() => [table.append(lobby, record), table.append(lobby, record)], "ROLLBACK");

  expect(transact(() => table.append(lobby, record))).toEqual({ ...first, offset: 2 });
});

test("a channel whose first message was rolled back keeps the epoch that it had told, and takes messages", () => {
  const { table, transact } = openTable();
  const { epoch } = transact(() => table.head(lobby));
  transact(() => table.append(lobby, record), "ROLLBACK");
  transact(() => table.sweep(10), "ROLLBACK");

  expect(transact(() => table.append(lobby, record))).toEqual({ epoch, offset: 1 });
});

test("a channel that was forgotten in a transaction that was rolled back is as before", () => {
  const { table, transact } = openTable();
  const first = transact(() => table.append(lobby, record));
  transact(() => {
    table.forget(lobby);
    table.append(lobby, record);
  }, "ROLLBACK");

  expect(transact(() => table.read(lobby, undefined, all))).toMatchObject({ head: first, records: [{ offset: 1 }] });
});

test("within a transaction a read finds what was appended before it, and no more than the history", () => {
  const { table, transact } = openTable();

  const range = transact(() => {
    for (let i = 0; i < 5; i += 1) table.append(lobby, record);
    return table.read(lobby, undefined, all);
  });

  expect(range.records.map(({ offset }) => offset)).toEqual([3, 4, 5]);
});

test("ages rise with the offsets when the time of day goes back, also after a sweep", () => {
  const { table, time, transact, ages } = openTable();
  transact(() => table.append(lobby, record));
  transact(() => table.sweep(10));
  time.nowMs -= 1000;
  transact(() => table.append(lobby, record));

  expect(ages()).toEqual([{ at: 1_000_000 }, { at: 1_000_000 }]);
});

test("a channel in use is kept though its uses wait for others to be written down", () => {
  const { table, time, transact } = openTable();
  const hall = { appId: "app", channel: "hall" };
  const first = transact(() => [table.append(lobby, record), table.append(hall, record)][1]);
  time.nowMs += ageMs - 1;
  transact(() => [table.head(lobby), table.head(hall)]);
  time.nowMs += 1;
  transact(() => table.sweep(1));
  transact(() => table.sweep(1));
  time.nowMs += ageMs - 2;

  expect(transact(() => table.head(hall))).toEqual(first);
});
