import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Engine } from "../../src/server/engine/engine.js";
import { systemRuntime } from "../../src/server/runtime.js";
import type { Outcome, Report } from "../support/report.js";
import { percentile, round } from "../support/statistics.js";
import { openStoreEngine } from "../support/store-engine.js";

export interface StoreOptions {
  readonly seconds: number;
  readonly messages: number;
}

/** The figures of the store. Those of a start have no rate and no percentiles. */
export interface StoreRow {
  readonly case: "store";
  readonly what: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const messageBytes = 1024;

/** Measures confirmed appends of 1 KiB to inboxes, with 1 and 64 in flight, and the start with many stored messages. */
export async function runStore({ seconds, messages }: StoreOptions, report: Report): Promise<Outcome> {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-bench-"));
  try {
    const engine = await openStoreEngine(dataDir);
    for (const inFlight of [1, 64]) {
      report.progress(`${inFlight} in flight: ${seconds} s`);
      report.row(await measure(engine, inFlight, seconds));
    }
    report.progress(`storing ${messages} messages`);
    await fill(engine, messages);
    await engine.close();
    const before = performance.now();
    const again = await openStoreEngine(dataDir);
    const startMs = round(performance.now() - before);
    await again.close();
    const what = `start with ${messages} more messages`;
    report.row({ case: "store", what, perSecond: 0, p50Ms: startMs, p99Ms: startMs } satisfies StoreRow);
    return { failed: false };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

let number = 0;

async function append(engine: Engine): Promise<void> {
  number += 1;
  const user = { appId: "app", userId: `user${number % 1000}` };
  const message = new Uint8Array(messageBytes).fill(number);
  const ids = { messageId: `m${number}`, clientMessageId: "", sender: "bench" };
  await engine.inbox.append(user, { ...ids, message, receiptLater: false, expiresAtMs: systemRuntime.clock.now() + 1e9 });
}

async function measure(engine: Engine, inFlight: number, seconds: number): Promise<StoreRow> {
  const latencies: number[] = [];
  const until = performance.now() + seconds * 1000;
  const sender = async () => {
    for (let start = performance.now(); start < until; start = performance.now()) {
      await append(engine);
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  return {
    case: "store",
    what: `${inFlight} in flight`,
    perSecond: round(latencies.length / seconds),
    p50Ms: round(percentile(latencies, 0.5)),
    p99Ms: round(percentile(latencies, 0.99)),
  };
}

async function fill(engine: Engine, messages: number): Promise<void> {
  for (let stored = 0; stored < messages; stored += 1000) {
    await Promise.all(Array.from({ length: Math.min(1000, messages - stored) }, () => append(engine)));
  }
}
