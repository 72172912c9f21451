import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { checkpointPages, pageBytes } from "../../src/server/engine/store/layout.js";
import { sleep } from "../load/clock.js";
import type { Outcome, Report } from "../support/report.js";
import { percentile, round } from "../support/statistics.js";
import { temporaryDirectory } from "../support/temporary-directory.js";

export interface SyncOptions {
  readonly seconds: number;
  /** Syncs a second. */
  readonly rate: number;
}

export interface SyncRow {
  readonly case: "sync";
  readonly what: string;
  readonly syncs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** What 99 of 100 messages that come at any time wait at most for a sync that is under way. */
  readonly waitP99Ms: number;
}

/** What a commit of a few messages writes. */
const pagesOfSync = 12;

/**
 * The disk alone, without Aldis: how long it takes until some pages are on it, behind the end of a file, and within
 * one as large as the store's log of changes.
 */
export async function runSync({ seconds, rate }: SyncOptions, report: Report): Promise<Outcome> {
  const directory = temporaryDirectory();
  for (const grows of [true, false]) {
    const what = grows ? "behind the end of a file" : "over what is in a file";
    report.progress(`${what}: ${seconds} s`);
    const file = openSync(join(directory, `${grows}`), "w");
    if (!grows) writeSync(file, Buffer.alloc(checkpointPages * pageBytes, 1));
    fsyncSync(file);
    const times = await measure(file, grows, { seconds, rate });
    closeSync(file);
    report.row({
      case: "sync",
      what,
      syncs: times.length,
      p50Ms: round(percentile(times, 0.5)),
      p99Ms: round(percentile(times, 0.99)),
      mostMs: round(Math.max(...times)),
      waitP99Ms: round(waitOf(times, seconds * 1000 * 0.01)),
    } satisfies SyncRow);
  }
  return { failed: false };
}

/** The milliseconds that each sync took. */
async function measure(file: number, grows: boolean, { seconds, rate }: SyncOptions): Promise<number[]> {
  const page = Buffer.alloc(pageBytes);
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  for (let at = 0; performance.now() < until; ) {
    await sleep(1000 / rate);
    const start = performance.now();
    for (let i = 0; i < pagesOfSync; i += 1, at += 1) writeSync(file, page.fill(at), 0, pageBytes, placeOf(at, grows));
    fsyncSync(file);
    times.push(performance.now() - start);
  }
  return times;
}

function placeOf(page: number, grows: boolean): number {
  return (grows ? page : page % checkpointPages) * pageBytes;
}

/** The wait that is exceeded for so many milliseconds in all: whoever comes while a sync has longer than that to go waits longer. */
function waitOf(times: readonly number[], exceededMs: number): number {
  let [low, high] = [0, Math.max(...times)];
  while (high - low > 0.01) {
    const wait = (low + high) / 2;
    const exceeded = times.reduce((sum, time) => sum + Math.max(0, time - wait), 0);
    if (exceeded > exceededMs) low = wait;
    else high = wait;
  }
  return high;
}
