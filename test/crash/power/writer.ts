// Writes to a store in this thread, and says on standard output what was confirmed or refused: `writer.ts DIRECTORY BATCHES`.
import { writeSync } from "node:fs";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import type { StoreCall } from "../../../src/server/engine/store/calls.js";
import { systemDisk } from "../../../src/server/engine/store/disk.js";
import { openStore } from "../../../src/server/engine/store/open-store.js";
import { segmentOf } from "../../support/segment.js";

const [dataDir = "", batches = "0"] = process.argv.slice(2);
const limits = { ...defaultLimits, channelHistoryMessages: 10_000 };
const space = { maxBytes: Number.POSITIVE_INFINITY, minFreeBytes: 0 };
/** The log of changes has a size of its own at the start, as with a server, and grows beyond it. */
const options = { dataDir, limits, ...space, logBytes: 100_000, allowSharedDisk: true };
/** How often the server is started again, so that the log of changes is folded into the database in between. */
const batchesOfOneStart = 25;
const mostCalls = 4;

let sent = 0;
let store = openStore(options, { newId: () => "id", disk: systemDisk });
for (let batch = 1; batch <= Number(batches); batch += 1) {
  const { answers, health } = store.store.run(Array.from({ length: 1 + (batch % mostCalls) }, append));
  writeSync(1, answers.every(({ ok }) => ok) ? `confirmed ${sent}\n` : `refused: ${health}\n`);
  if (batch % batchesOfOneStart !== 0) continue;
  store.close();
  store = openStore(options, { newId: () => "id", disk: systemDisk });
}
store.close();

/** Each message is its number, padded to fill about a quarter of a page. */
function append(): StoreCall {
  sent += 1;
  const message = Buffer.from(`${sent}`.padEnd(1000));
  return {
    port: "log",
    method: "append",
    args: [{ appId: "app", channel: "lobby" }, segmentOf(message)],
    nowMs: 1,
  };
}
