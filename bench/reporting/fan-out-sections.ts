import { runCluster } from "../cases/cluster.js";
import { runFanOut } from "../cases/fan-out.js";
import { runSaturation } from "../cases/saturation.js";
import { peerNames } from "../systems/systems.js";
import type { BarChart } from "./bar-chart.js";
import { figureOf, groupsBy, type Line, type Section } from "./section.js";

const columns = [
  ...["system", "cpuMicrosPerDelivery", "cpuSpread", "p50Ms", "p99Ms", "p999Ms", "offeredPerSecond", "deliveriesPerSecond"],
  ...["batch", "bytesPerDelivery", "rssMiB", "lost", "duplicated", "reordered"],
];
const timing = {
  full: { seconds: 10, warmUp: 20, runs: 3 },
  quick: { seconds: 2, warmUp: 1, runs: 1 },
};

/** Those that show what a system can bear. */
const peers = peerNames.filter((name) => !name.endsWith("-disk"));

const sameLoad: Section = {
  name: "fan-out",
  title: "Fan-out: 500 members, 200 messages a second of 128 bytes",
  about:
    "One sender, one channel, 100,000 deliveries a second. A system whose deliveries a second are fewer than that has reached " +
    "its end, and its latency is that of a queue.",
  run: (extent, report) =>
    runFanOut(
      {
        ...timing[extent],
        runs: extent === "full" ? 5 : 1,
        members: [500],
        rate: [200],
        bytes: [128],
        peers: [...peers, "http2-disk"],
      },
      report,
    ),
  columns,
  charts: (lines) => ({
    cpu: cpuOfDelivery("Server CPU for one delivery", lines),
    p99: {
      title: "Latency that 99 % of the deliveries stay below",
      axis: "p99 in ms (less is better)",
      series: ["p99"],
      groups: groupsBy(lines, "system", "p99Ms"),
    },
  }),
};

const lowLoad: Section = {
  name: "low-load",
  title: "Low load: 50 members, 10 messages a second of 128 bytes",
  about:
    "An idle server. It shows whether batching holds anything back when there is nothing to batch. Of 100 messages one is later than p99 says, " +
    "so this is measured for longer. `naive-disk` and `protocol` have each message on disk before they send it, as Aldis has. " +
    "The warm-up of all systems has 200 messages a second: behind 20 s of 10 a second much of a server's code is not compiled yet.",
  run: (extent, report) =>
    runFanOut(
      {
        ...timing[extent],
        ...(extent === "full" ? { seconds: 30 } : {}),
        members: [50],
        rate: [10],
        warmUpRate: 200,
        bytes: [128],
        peers: ["aldis-memory", "naive", "naive-disk", "protocol", "ws", "socket.io"],
      },
      report,
    ),
  columns,
  charts: (lines) => ({
    latency: {
      title: "Latency on an idle server",
      axis: "latency in ms (less is better)",
      series: ["p50", "p99"],
      groups: lines.map((line) => ({
        label: String(line.system),
        values: [figureOf(line, "p50Ms"), figureOf(line, "p99Ms")],
      })),
    },
  }),
};

const members = { full: [100, 1000, 5000], quick: [20, 100] };
const compared = ["aldis", "naive", "ws", "tcp", "http2"];

const growth: Section = {
  name: "members",
  title: "More members: 10 messages a second of 128 bytes",
  about:
    "What a delivery costs in small and in large channels, at the same rate of messages. It falls for the servers that do nothing but " +
    "write, too: a process that sleeps most of the time pays for waking up.",
  run: (extent, report) =>
    runFanOut(
      {
        ...timing[extent],
        members: members[extent],
        rate: [10],
        bytes: [128],
        peers: compared.slice(1),
      },
      report,
    ),
  columns: ["members", ...columns],
  charts: (lines) => ({
    cpu: {
      title: "Server CPU for one delivery, by the members of the channel",
      axis: "CPU in µs a delivery (less is better)",
      series: compared,
      groups: [...new Set(lines.map((line) => line.members))].map((count) => ({
        label: `${count} members`,
        values: compared.map((system) => figureOf(find(lines, system, count), "cpuMicrosPerDelivery")),
      })),
    },
  }),
};

function find(lines: readonly Line[], system: string, count: unknown): Line | undefined {
  return lines.find((line) => line.system === system && line.members === count);
}

/** Those that bear a fair load in a large channel. */
const peersOfLarge = peers.filter((name) => !["naive", "socket.io", "mosquitto"].includes(name));

const climbs = { full: { seconds: 4, warmUp: 10, steps: 16, runs: 5 }, quick: { seconds: 1, warmUp: 1, steps: 2, runs: 1 } };

const saturation: Section = {
  name: "saturation",
  title: "Saturation: 200 and 1,000 members, 128 bytes",
  about:
    "The highest load that each system bears with a p99 of at most 100 ms, in one of three tries of 4 s; the search ends with one whose p99 is more " +
    "than 150 ms in all three, or of which not all comes. Below them, with a `cpuSpread`: medians " +
    "of five runs of Aldis on disk and in memory, of `tcp` and `http2`, which do nothing but write, and of `protocol`, the least that keeps the " +
    "promises of Aldis's protocol, in turns under the highest load of Aldis on disk; the last three write as many bytes in as large batches as it.",
  async run(extent, report) {
    const load = { ...climbs[extent], bytes: 128 };
    const small = await runSaturation({ ...load, members: 200, rate: 100, peers }, report);
    const large = await runSaturation({ ...load, members: 1000, rate: 100, peers: peersOfLarge }, report);
    return { summary: [...(small.summary ?? []), ...(large.summary ?? [])], failed: small.failed || large.failed };
  },
  columns: [
    ...["members", "system", "sustained", "rate", "deliveriesPerSecond", "cpuMicrosPerDelivery", "cpuSpread", "p50Ms", "p99Ms"],
    ...["batch", "rssMiB"],
  ],
  charts: (lines) => ({
    load: {
      title: "Highest load sustained with p99 at most 100 ms",
      axis: "deliveries a second (more is better)",
      series: ["200 members", "1,000 members"],
      groups: [...new Set(lines.filter(isClimb).map(({ system }) => String(system)))].map((system) => ({
        label: system,
        values: [200, 1000].map((count) => figureOf(find(lines.filter(isClimb), system, count), "deliveriesPerSecond")),
      })),
    },
  }),
};

/** What a delivery costs each system. */
function cpuOfDelivery(title: string, lines: readonly Line[]): BarChart {
  const groups = groupsBy(lines, "system", "cpuMicrosPerDelivery");
  return { title, axis: "CPU in µs a delivery (less is better)", series: ["CPU"], groups };
}

/** True for the highest load that a system bore. */
function isClimb({ sustained }: Line): boolean {
  return sustained !== undefined;
}

const cluster: Section = {
  name: "cluster",
  title: "Nodes on one Redis: 300 members, 200 messages a second of 128 bytes",
  about:
    "One sender, one channel whose members are spread over the nodes. `embedded` is one node without Redis, with its log on disk. CPU a delivery is " +
    "that of all nodes together; what Redis takes for one message, whatever number of members hear it, stands beside it.",
  run: (extent, report) =>
    runCluster(
      {
        ...timing[extent],
        ...(extent === "full" ? { nodes: [1, 2, 3], members: [300] } : { nodes: [1], members: [20] }),
        ...{ rate: 200, bytes: 128 },
      },
      report,
    ),
  columns: [
    ...["system", "cpuMicrosPerDelivery", "redisCpuMicrosPerMessage", "redisCommandsPerMessage", "redisBytesPerMessage"],
    ...["p50Ms", "p99Ms", "deliveriesPerSecond", "batch", "rssMiB", "lost"],
  ],
  charts: (lines) => ({
    cpu: cpuOfDelivery("CPU of the nodes for one delivery", lines),
  }),
};

export const fanOutSections: readonly Section[] = [sameLoad, lowLoad, growth, saturation, cluster];
