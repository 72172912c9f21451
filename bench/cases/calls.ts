import { performance } from "node:perf_hooks";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { operations } from "../../gen/aldis/v1/tables/operations.js";
import { createClient } from "../../src/client/index.js";
import { cpuMicros } from "../support/child.js";
import type { Outcome, Report } from "../support/report.js";
import { median, percentile, round } from "../support/statistics.js";
import { aldis } from "../systems/aldis.js";
import type { RunningServer } from "../systems/system.js";
import { tokenIssuer } from "../systems/token.js";

export interface CallsOptions {
  readonly seconds: number;
  readonly runs: number;
  readonly concurrency: number;
}

/** The figures of one kind of call. Times in milliseconds unless the name says another unit. */
export interface CallsRow {
  readonly case: "calls";
  readonly door: "unary" | "stream";
  readonly concurrency: number;
  readonly callsPerSecond: number;
  readonly cpuMicrosPerCall: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
  readonly failed: number;
}

type Door = () => Promise<void>;

/** Measures a presence query of one user: a call that does as little as a call can, so that what it costs is the door. */
export async function runCalls({ seconds, runs, concurrency }: CallsOptions, report: Report): Promise<Outcome> {
  const server = await aldis.start({});
  const { address, port } = server.address;
  const token = () => tokenIssuer(server)("alice");
  const client = createClient({ address: `${address}:${port}`, appId: "dev", userId: "alice", token });
  const unary = await unaryDoor(server);
  let failed = false;
  try {
    await client.login();
    const doors: Record<CallsRow["door"], Door> = {
      unary: unary.call,
      stream: async () => {
        await client.queryPresence(["alice"]);
      },
    };
    for (const open of [1, concurrency]) {
      for (const door of ["unary", "stream"] as const) {
        report.progress(`${door}, ${open} open: warming up, then ${runs} runs of ${seconds} s`);
        await measure(server, doors[door], open, 1);
        const measured: Measured[] = [];
        for (let run = 0; run < runs; run += 1) measured.push(await measure(server, doors[door], open, seconds));
        const row: CallsRow = { case: "calls", door, concurrency: open, ...summary(measured, seconds) };
        failed ||= row.failed > 0;
        report.row(row);
      }
    }
    return { failed };
  } finally {
    await client.close();
    unary.close();
    await server.stop();
  }
}

async function unaryDoor(server: RunningServer): Promise<{ call: Door; close(): void }> {
  const grpc = new GrpcClient(`${server.address.address}:${server.address.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${await tokenIssuer(server)("bob")}`);
  const { path, request, response } = operations.queryPresence;
  const serialize = (value: { userIds: string[] }) => Buffer.from(request.encode(value).finish());
  const call = () =>
    new Promise<void>((resolve, reject) => {
      grpc.makeUnaryRequest(
        path,
        serialize,
        (bytes) => response.decode(bytes),
        { userIds: ["bob"] },
        metadata,
        (failure) => (failure === null ? resolve() : reject(failure)),
      );
    });
  return { call, close: () => grpc.close() };
}

interface Measured {
  readonly latencies: number[];
  readonly cpuMicros: number;
  readonly failed: number;
}

async function measure(server: RunningServer, call: Door, open: number, seconds: number): Promise<Measured> {
  const latencies: number[] = [];
  let failed = 0;
  const cpuBefore = cpuMicros(server.pid);
  const until = performance.now() + seconds * 1000;
  const caller = async () => {
    for (let start = performance.now(); start < until; start = performance.now()) {
      await call().then(
        () => latencies.push(performance.now() - start),
        () => (failed += 1),
      );
    }
  };
  await Promise.all(Array.from({ length: open }, caller));
  return { latencies, cpuMicros: cpuMicros(server.pid) - cpuBefore, failed };
}

function summary(measured: readonly Measured[], seconds: number) {
  const of = (figure: (run: Measured) => number) => round(median(measured.map(figure)));
  return {
    callsPerSecond: of((run) => run.latencies.length / seconds),
    cpuMicrosPerCall: of((run) => run.cpuMicros / run.latencies.length),
    p50Ms: of((run) => percentile(run.latencies, 0.5)),
    p99Ms: of((run) => percentile(run.latencies, 0.99)),
    calls: measured.reduce((total, run) => total + run.latencies.length, 0),
    failed: measured.reduce((total, run) => total + run.failed, 0),
  };
}
