import { Redis } from "ioredis";
import { isSound, type Measured, Rig } from "../load/rig.js";
import { cpuMicros } from "../support/child.js";
import type { Outcome, Report } from "../support/report.js";
import { median, round } from "../support/statistics.js";
import { aldis } from "../systems/aldis.js";
import { aldisCluster, type ClusterSystem } from "../systems/aldis-cluster.js";
import type { RunningServer } from "../systems/system.js";

export interface ClusterOptions {
  /** Numbers of nodes. */
  readonly nodes: readonly number[];
  readonly members: readonly number[];
  /** Messages a second. */
  readonly rate: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly runs: number;
  readonly profileDir?: string;
}

/** What Redis does for one message, whatever number of members hear it. */
interface RedisCost {
  /** Commands that nodes sent, and those that scripts called. */
  readonly redisCommandsPerMessage: number;
  /** Bytes that Redis received and sent. */
  readonly redisBytesPerMessage: number;
  readonly redisCpuMicrosPerMessage: number;
}

interface ClusterRow extends Measured, RedisCost {
  readonly case: "cluster";
  /** "embedded" for one node without Redis, with its log on disk. */
  readonly system: string;
  readonly members: number;
  readonly run: number;
}

const averaged = [
  ...(["cpuMicrosPerDelivery", "deliveriesPerSecond", "p50Ms", "p99Ms", "batch", "rssMiB"] as const),
  ...(["redisCommandsPerMessage", "redisBytesPerMessage", "redisCpuMicrosPerMessage"] as const),
];
const noRedis: RedisCost = { redisCommandsPerMessage: 0, redisBytesPerMessage: 0, redisCpuMicrosPerMessage: 0 };

/** One sender, one channel whose members are spread over the nodes: what a delivery costs them, and what a message costs Redis. */
export async function runCluster(options: ClusterOptions, report: Report): Promise<Outcome> {
  const systems = options.nodes.map(aldisCluster);
  if (systems.some((system) => system.version() === undefined)) {
    report.progress("Redis is not installed, and nothing is measured; to have it: apt-get install redis-server");
    return { failed: false };
  }
  const summary: object[] = [];
  const rows: ClusterRow[] = [];
  for (const members of options.members) {
    for (let run = 1; run <= options.runs; run += 1) {
      for (const system of [undefined, ...systems]) {
        report.progress(`${system?.about ?? "one node without Redis"}, run ${run} of ${options.runs}: ${members} members`);
        const row = await measure(system, members, run, options);
        rows.push(row);
        report.row(row);
      }
    }
    for (const name of new Set(rows.map(({ system }) => system))) {
      summary.push(summarise(rows.filter((row) => row.system === name && row.members === members)));
    }
  }
  return { summary, failed: !rows.every(isSound) };
}

async function measure(
  system: ClusterSystem | undefined,
  members: number,
  run: number,
  { rate, bytes, seconds, warmUp, profileDir }: ClusterOptions,
): Promise<ClusterRow> {
  const rig = await Rig.start(system ?? aldis, { profileDir });
  try {
    await rig.fill(members);
    await rig.measure({ rate, bytes, seconds: warmUp });
    const counters = await RedisCounters.open(system?.redis);
    const measured = await rig.measure({ rate, bytes, seconds });
    const cost = await counters.costOf(measured.deliveries / members);
    return { case: "cluster", system: system?.name ?? "embedded", members, run, ...measured, ...cost };
  } finally {
    await rig.stop();
  }
}

/** What Redis counts of its own work, from when they were opened. */
class RedisCounters {
  private constructor(
    private readonly client: Redis,
    private readonly pid: number,
    private readonly before: readonly number[],
  ) {}

  static async open(server: RunningServer | undefined): Promise<{ costOf(messages: number): Promise<RedisCost> }> {
    if (server === undefined) return { costOf: async () => noRedis };
    const client = new Redis(server.address.port, server.address.address);
    return new RedisCounters(client, server.pid, await read(client, server.pid));
  }

  async costOf(messages: number): Promise<RedisCost> {
    const now = await read(this.client, this.pid);
    this.client.disconnect();
    const [commands = 0, bytes = 0, cpu = 0] = now.map((value, i) => round((value - (this.before[i] ?? 0)) / messages));
    return { redisCommandsPerMessage: commands, redisBytesPerMessage: bytes, redisCpuMicrosPerMessage: cpu };
  }
}

/** Commands, bytes in and out, and CPU time in microseconds. */
async function read(client: Redis, pid: number): Promise<number[]> {
  const info = await client.info("stats");
  const count = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  return [count("total_commands_processed"), count("total_net_input_bytes") + count("total_net_output_bytes"), cpuMicros(pid)];
}

function summarise(rows: readonly ClusterRow[]): object {
  const [first] = rows;
  const medians = averaged.map((name) => [name, round(median(rows.map((row) => row[name])))]);
  const lost = rows.reduce((sum, row) => sum + row.lost + row.toldLost, 0);
  return { system: first?.system, members: first?.members, ...Object.fromEntries(medians), lost };
}
