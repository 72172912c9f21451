#!/usr/bin/env tsx
// `npm run bench -- CASE [options]`. A case prints its progress on standard error and its figures on standard output.
import { Command, Option } from "commander";
import { type CallsOptions, runCalls } from "./cases/calls.js";
import { type ClusterOptions, runCluster } from "./cases/cluster.js";
import { type FanOutOptions, runFanOut } from "./cases/fan-out.js";
import { type JoinOptions, runJoin } from "./cases/join.js";
import { type LatencyOptions, runLatency } from "./cases/latency.js";
import { type MemoryOptions, runMemory } from "./cases/memory.js";
import { type MicroOptions, runMicro } from "./cases/micro.js";
import { type ReportOptions, reportDirectory, runReport, sectionNames } from "./cases/report.js";
import { runSaturation, type SaturationOptions } from "./cases/saturation.js";
import { runSlowReader, type SlowReaderOptions } from "./cases/slow-reader.js";
import { runSmoke } from "./cases/smoke.js";
import { runStore, type StoreOptions } from "./cases/store.js";
import { runStoreUsers, type StoreUsersOptions } from "./cases/store-users.js";
import { runStorm, type StormOptions } from "./cases/storm.js";
import { runSync, type SyncOptions } from "./cases/sync.js";
import { minStampBytes } from "./load/stamp.js";
import { names, number, numbers, optionalNumber } from "./support/options.js";
import { makeProfileDir, printProfiles } from "./support/profile.js";
import type { Outcome, Report } from "./support/report.js";
import { printTable } from "./support/table.js";
import { peerNames } from "./systems/systems.js";

const program = new Command("bench").description("Measures Aldis. The server runs in a process of its own.");

interface CommonOptions {
  readonly json?: boolean;
  readonly profile?: boolean;
}

/** Adds a case: a command that runs it and prints what it finds. */
function addCase<Options extends object>(
  name: string,
  description: string,
  options: readonly Option[],
  run: (options: Options, report: Report) => Promise<Outcome>,
): void {
  const command = program.command(name).description(description);
  for (const option of options) command.addOption(option);
  command.option("--json", "one JSON object a line on standard output, and nothing else there");
  command.action(async (options: Options & CommonOptions) => {
    const { json = false, profile = false } = options;
    const rows: object[] = [];
    const report: Report = {
      progress: (text) => process.stderr.write(`${text}\n`),
      row: (row) => (json ? process.stdout.write(`${JSON.stringify(row)}\n`) : rows.push(row)),
    };
    const profileDir = profile ? await makeProfileDir() : undefined;
    const { summary, failed } = await run({ ...options, profileDir }, report);
    if (json && summary !== undefined) process.stdout.write(`${JSON.stringify({ case: name, summary })}\n`);
    if (!json) process.stdout.write([rows, summary ?? []].map(printTable).join("\n"));
    if (profileDir !== undefined) report.progress(await printProfiles(profileDir));
    if (failed) process.exitCode = 1;
  });
}

const seconds = number("seconds", "length of each measurement", 10);
const runs = number("runs", "runs of each system, in turn; medians are reported", 5);
const warmUp = number("warm-up", "seconds of load before each measurement", 20);
const peers = names("peers", "systems to compare with", peerNames, "none");
const profile = new Option("--profile", "write a CPU profile of the server, and say where and what is in it");

addCase<FanOutOptions>(
  "fan-out",
  "One sender, one channel: server CPU and latency of a delivery, for Aldis and its peers under the same load.",
  [
    numbers("members", "members of the channel", [100, 1000, 5000]),
    numbers("rate", "messages a second", [10, 50, 200]),
    numbers("bytes", "length of a message", [128, 1024], minStampBytes),
    optionalNumber("warm-up-rate", "messages a second of the warm-up (default: as many as are measured)", 1),
    ...[seconds, warmUp, runs, peers, profile],
  ],
  runFanOut,
);

addCase<SaturationOptions>(
  "saturation",
  "The highest load that a system bears with a p99 of at most 100 ms; and what aldis-memory, tcp, http2 and protocol, if they are among the peers, cost at that of Aldis, in turns.",
  [
    number("members", "members of the channel", 200),
    number("bytes", "length of a message", 128, minStampBytes),
    number("rate", "messages a second at which the search begins", 100),
    number("seconds", "length of each step", 5),
    number("steps", "steps at most, each 1.4 times the load of the one before", 20),
    number("runs", "runs of Aldis and those that take turns with it, under its highest load; medians are reported", 5),
    ...[warmUp, peers, profile],
  ],
  runSaturation,
);

addCase<LatencyOptions>(
  "latency",
  "One sender, one receiver, idle server: a peer message until its receipt, and a channel message until it is heard.",
  [number("messages", "messages of each kind", 1000), profile],
  runLatency,
);

addCase<StormOptions>(
  "storm",
  "Sessions log in, lose their connections all at once, and resume all at once, with messages waiting for each.",
  [
    number("sessions", "sessions", 5000),
    number("channels", "channels over which sessions are spread", 50),
    number("runs", "runs; medians are reported", 3),
    profile,
  ],
  runStorm,
);

addCase<JoinOptions>(
  "join",
  "What it costs the server that somebody joins a channel, by the members that are in it.",
  [
    numbers("members", "members of the channels", [5, 500, 5000]),
    number("newcomers", "members who join", 500),
    number("runs", "runs; medians are reported", 3),
    profile,
  ],
  runJoin,
);

addCase<MemoryOptions>(
  "memory",
  "Memory of idle sessions, of channels and of memberships, and what is left of it when all have gone and come again.",
  [
    numbers("sessions", "numbers of sessions, rising", [1000, 5000, 10_000]),
    number("settle-seconds", "how long to wait before each look", 5),
    profile,
  ],
  runMemory,
);

addCase<SlowReaderOptions>(
  "slow-reader",
  "What members who read notice of some who do not, and what those cost in memory.",
  [
    number("members", "members of the channel", 200),
    number("one-in", "one in so many members stalls", 100),
    number("rate", "messages a second", 200),
    number("bytes", "length of a message", 128, minStampBytes),
    number("seconds", "length of each measurement", 15),
    number("runs", "runs without and with stalled members, in turn; medians are reported", 3),
    ...[warmUp, profile],
  ],
  runSlowReader,
);

addCase<ClusterOptions>(
  "cluster",
  "One sender, one channel whose members are spread over nodes on one Redis: what a delivery costs the nodes, and a message Redis.",
  [
    numbers("nodes", "numbers of nodes", [1, 2, 3]),
    numbers("members", "members of the channel", [100, 500]),
    number("rate", "messages a second", 100),
    number("bytes", "length of a message", 128, minStampBytes),
    number("runs", "runs of each, in turn; medians are reported", 3),
    ...[seconds, warmUp, profile],
  ],
  runCluster,
);

addCase<CallsOptions>(
  "calls",
  "Round trip and server CPU of one call: unary over gRPC, and inside the stream.",
  [
    number("seconds", "length of each measurement", 5),
    runs,
    number("concurrency", "calls open at once in the second half", 32),
  ],
  runCalls,
);

addCase<MicroOptions>(
  "micro",
  "What encoding, the hub, the outbox and an acknowledgement cost within the process, for each delivery.",
  [number("members", "members of the channel", 500), number("bytes", "length of a message", 128)],
  runMicro,
);

addCase<StoreOptions>(
  "store",
  "Confirmed appends to the store with 1 and 64 in flight, and the start with many stored messages.",
  [number("seconds", "length of each measurement", 5), number("messages", "messages stored before the start", 100_000)],
  runStore,
);

addCase<StoreUsersOptions>(
  "store-users",
  "What a message and five attributes for each of many users take in memory, on disk, and at the next start.",
  [number("users", "users", 100_000)],
  runStoreUsers,
);

addCase<SyncOptions>(
  "sync",
  "The disk of the temporary directory alone, without Aldis: how long it takes until 12 pages are on it.",
  [number("seconds", "length of each measurement", 30), number("rate", "syncs a second", 60, 1)],
  runSync,
);

addCase<ReportOptions>(
  "report",
  "Runs everything, and writes a page with tables and charts, and the figures of every run.",
  [
    new Option("--quick", "measure little, to see that everything works"),
    names("only", "sections to measure, while the others stay", sectionNames, "all"),
    new Option("--output <directory>", "where to write").default(reportDirectory),
  ],
  runReport,
);

addCase<object>("smoke", "Every case in its shortest form: that it works, and loses nothing.", [], runSmoke);

// Whatever a case has started ends with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
try {
  await program.parseAsync();
} catch (failure) {
  process.stderr.write(`${failure}\n`);
  process.exit(1);
}
