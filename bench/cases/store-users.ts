import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { storeStats } from "../../src/server/compose.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { systemRuntime } from "../../src/server/runtime.js";
import type { Outcome, Report } from "../support/report.js";
import { round } from "../support/statistics.js";
import { openStoreEngine } from "../support/store-engine.js";

export interface StoreUsersOptions {
  readonly users: number;
}

/** What a process with a store takes, with so many users' worth of data on disk. */
interface StoreUsersRow {
  readonly case: "store-users";
  readonly what: string;
  readonly users: number;
  readonly startMs: number;
  /** The memory of the whole process. */
  readonly memoryMiB: number;
  readonly diskBytesPerUser: number;
}

const messageBytes = 1024;
const attributes = new Map(Array.from({ length: 5 }, (_, index) => [`key${index}`, "value ".repeat(15)]));
const usersAtOnce = 500;

/** Stores a message of 1 KiB and five attributes of about 100 bytes for each of many users, and measures memory, disk and start. */
export async function runStoreUsers({ users }: StoreUsersOptions, report: Report): Promise<Outcome> {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-bench-"));
  try {
    const empty = await start(dataDir);
    report.row(rowOf("empty", 0, empty.startMs, dataDir));
    for (let stored = 0; stored < users; stored += usersAtOnce) {
      const count = Math.min(usersAtOnce, users - stored);
      await Promise.all(Array.from({ length: count }, (_, index) => storeFor(empty.engine, `user${stored + index}`)));
      if (stored % 10_000 === 0) report.progress(`${stored} of ${users} users`);
    }
    report.row(rowOf("all stored", users, 0, dataDir));
    await empty.engine.close();
    const full = await start(dataDir);
    report.row(rowOf("started again", users, full.startMs, dataDir));
    await full.engine.close();
    return { failed: false };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function start(dataDir: string): Promise<{ engine: Engine; startMs: number }> {
  const before = performance.now();
  const engine = await openStoreEngine(dataDir);
  return { engine, startMs: round(performance.now() - before) };
}

async function storeFor(engine: Engine, userId: string): Promise<void> {
  const user = { appId: "app", userId };
  const atMs = systemRuntime.clock.now();
  const ids = { messageId: `m-${userId}`, clientMessageId: "", sender: "bench", receiptLater: false };
  await Promise.all([
    engine.inbox.append(user, { ...ids, message: new Uint8Array(messageBytes).fill(1), expiresAtMs: atMs + 1e9 }),
    engine.attributes.write({ kind: "user", key: user }, { replaceAll: true, set: attributes, remove: [], userId, atMs }),
  ]);
}

function rowOf(what: string, users: number, startMs: number, dataDir: string): StoreUsersRow {
  const { databaseBytes, logBytes } = storeStats(dataDir);
  const memoryMiB = round(process.memoryUsage().rss / 2 ** 20);
  const diskBytesPerUser = users === 0 ? 0 : round((databaseBytes + logBytes) / users);
  return { case: "store-users", what, users, startMs, memoryMiB, diskBytesPerUser };
}
