import { runCalls } from "../cases/calls.js";
import { runJoin } from "../cases/join.js";
import { runLatency } from "../cases/latency.js";
import { runMemory } from "../cases/memory.js";
import { runMicro } from "../cases/micro.js";
import { runSlowReader } from "../cases/slow-reader.js";
import { runStore } from "../cases/store.js";
import { runStoreUsers } from "../cases/store-users.js";
import { runStorm } from "../cases/storm.js";
import { runSync } from "../cases/sync.js";
import { figureOf, type Section } from "./section.js";

const noCharts = () => ({});

const slowReader: Section = {
  name: "slow-reader",
  title: "Slow readers: one in a hundred stalls",
  about: "200 members, 200 messages a second. The figures are those of the members who read.",
  run: (extent, report) =>
    runSlowReader(
      {
        ...(extent === "full" ? { seconds: 15, warmUp: 3, runs: 3 } : { seconds: 2, warmUp: 1, runs: 1 }),
        ...{ members: 200, oneIn: 100, rate: 200, bytes: 128 },
      },
      report,
    ),
  columns: [],
  charts: (lines) => ({
    p99: {
      title: "Latency of the members who read",
      axis: "p99 in ms (less is better)",
      series: ["p99"],
      groups: [
        { label: "all read", values: [figureOf(lines[0], "p99Ms")], highlighted: true },
        { label: "1 in 100 stalls", values: [figureOf(lines[0], "p99MsWithStalled")], highlighted: true },
      ],
    },
  }),
};

const storm: Section = {
  name: "storm",
  title: "Storm: everybody is cut off and comes back at once",
  about:
    "50 channels. Five messages go to each channel while its members are away. Whoever finds the listening queue full tries again " +
    "with a back-off, as clients do.",
  run: (extent, report) =>
    runStorm(extent === "full" ? { sessions: 5000, channels: 50, runs: 3 } : { sessions: 200, channels: 2, runs: 1 }, report),
  columns: [],
  charts: noCharts,
};

const join: Section = {
  name: "join",
  title: "Joining small and large channels",
  about:
    "What one join costs the server. The members of a channel are told of a newcomer as long as they are at most 512; that is part of it.",
  run: (extent, report) =>
    runJoin(
      extent === "full" ? { members: [5, 500, 5000], newcomers: 500, runs: 3 } : { members: [5, 100], newcomers: 50, runs: 1 },
      report,
    ),
  columns: [],
  charts: (lines) => ({
    cpu: {
      title: "Server CPU for one join, by the members of the channel",
      axis: "CPU in µs a join (less is better)",
      series: ["CPU"],
      groups: lines.map((line) => ({
        label: `${line.members} members`,
        values: [figureOf(line, "cpuMicrosPerJoin")],
        highlighted: true,
      })),
    },
  }),
};

const memory: Section = {
  name: "memory",
  title: "Memory",
  about: "RSS of the server. `kibEach` is what each session, channel or membership has added.",
  run: (extent, report) =>
    runMemory(
      extent === "full" ? { sessions: [1000, 5000, 10_000], settleSeconds: 5 } : { sessions: [100, 200], settleSeconds: 1 },
      report,
    ),
  columns: ["what", "sessions", "rssMiB", "kibEach"],
  charts: (lines) => ({
    sessions: {
      title: "Memory of one idle session",
      axis: "RSS in KiB a session (less is better)",
      series: ["RSS"],
      groups: lines
        .filter((line) => line.what === "idle sessions")
        .map((line) => ({ label: `${line.sessions} sessions`, values: [figureOf(line, "kibEach")], highlighted: true })),
    },
  }),
};

const latency: Section = {
  name: "latency",
  title: "Latency on an idle server, with the client that applications use",
  about: "One sender, one receiver, one message after the other.",
  run: (extent, report) => runLatency({ messages: extent === "full" ? 1000 : 50 }, report),
  columns: ["system", "what", "p50Ms", "p99Ms", "p999Ms"],
  charts: noCharts,
};

const calls: Section = {
  name: "calls",
  title: "Calls",
  about: "A presence query of one user: as unary gRPC, and inside the stream.",
  run: (extent, report) =>
    runCalls(extent === "full" ? { seconds: 5, runs: 3, concurrency: 32 } : { seconds: 1, runs: 1, concurrency: 8 }, report),
  columns: ["door", "concurrency", "callsPerSecond", "cpuMicrosPerCall", "p50Ms", "p99Ms", "calls", "failed"],
  charts: noCharts,
};

const store: Section = {
  name: "store",
  title: "Store",
  about: "Confirmed appends of 1 KiB, and a start with many stored messages. A disk that is shared makes them slower.",
  run: (extent, report) =>
    runStore(extent === "full" ? { seconds: 5, messages: 100_000 } : { seconds: 1, messages: 1000 }, report),
  columns: ["what", "perSecond", "p50Ms", "p99Ms"],
  charts: noCharts,
};

const storeUsers: Section = {
  name: "store-users",
  title: "Store: many users",
  about: "A message of 1 KiB and five attributes for each user, in the process of the benchmark.",
  run: (extent, report) => runStoreUsers({ users: extent === "full" ? 100_000 : 1000 }, report),
  columns: ["what", "users", "startMs", "memoryMiB", "diskBytesPerUser"],
  charts: noCharts,
};

const sync: Section = {
  name: "sync",
  title: "The disk alone",
  about:
    "How long it takes until 12 pages are on the disk, 60 times a second, without Aldis. `waitP99Ms` is what 99 of 100 messages that come " +
    "at any time wait at most for a sync that is under way: no system that has its messages on disk before it sends them can have a lower p99.",
  run: (extent, report) => runSync({ seconds: extent === "full" ? 60 : 1, rate: 60 }, report),
  columns: ["what", "syncs", "p50Ms", "p99Ms", "mostMs", "waitP99Ms"],
  charts: noCharts,
};

const micro: Section = {
  name: "micro",
  title: "Parts of a delivery",
  about: "Nanoseconds within one process, without a socket, in a room of 500 members (50 in the quick form).",
  run: (extent, report) => runMicro({ members: extent === "full" ? 500 : 50, bytes: 128 }, report),
  columns: ["what", "nanos"],
  charts: noCharts,
};

export const serverSections: readonly Section[] = [
  ...[slowReader, storm, join, memory, latency, calls],
  ...[store, storeUsers, sync, micro],
];
