import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Runtime } from "../../runtime.js";
import { MemoryBus } from "../embedded/memory-bus.js";
import { MemoryChannelDirectory } from "../embedded/memory-channel-directory.js";
import { MemoryNodeDirectory } from "../embedded/memory-node-directory.js";
import { MemoryRateCounters } from "../embedded/memory-rate-counters.js";
import { MemoryRetryMemory } from "../embedded/memory-retry-memory.js";
import { MemorySessionDirectory } from "../embedded/memory-session-directory.js";
import { RatedLog } from "../embedded/rated-log.js";
import type { Engine } from "../engine.js";
import { channelTopic } from "../ports/channel-topic.js";
import { calls, type PortName, type StorePorts } from "./calls.js";
import { GroupCommit, type StoreObserver, type StoreThread } from "./group-commit.js";
import { fullLogBytes } from "./layout.js";
import type { StoreOptions } from "./open-store.js";
import { startThread } from "./worker-thread.js";

/** How often what has expired is freed, and a full disk is looked at again. */
const sweepIntervalMs = 1000;

export interface DurableEngineParts {
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** Where the database is; made if there is none. */
  readonly dataDir: string;
  readonly observer: StoreObserver;
  /** Whether the node is busy: then messages to channels wait a moment to share a sync. By default it never is. */
  readonly load?: { readonly busy: boolean };
  /** The size that the database may have. By default the whole disk. */
  readonly maxBytes?: number;
  /** The free bytes on the disk below which nothing is stored. By default any are enough. */
  readonly minFreeBytes?: number;
  /** True for a directory that may be on a file system which others share. By default it is refused there. */
  readonly allowSharedDisk?: boolean;
  /** Opens the store somewhere; by default in a thread of its own. */
  readonly start?: (options: StoreOptions) => Promise<StoreThread>;
}

export interface DurableEngine extends Engine {
  /** The free bytes on the disk, as of a second ago. */
  freeBytes(): number;
  /** The calls that wait for others to be on disk. */
  waitingCalls(): number;
}

/**
 * An engine for one process whose inboxes, attributes, invitations, channel logs, bans and revocations outlive it: what is confirmed is on
 * disk. Who is logged in and where, rates and retries are in memory. Rejects with `StoreRefused`, whose message says what to
 * do, if the data directory is in use, cannot be written, is on a shared file system, is damaged, or is of a newer version.
 */
export async function createDurableEngine(parts: DurableEngineParts): Promise<DurableEngine> {
  const { runtime, limits, dataDir, observer, start = startThread } = parts;
  const { load = { busy: false }, maxBytes = Number.POSITIVE_INFINITY, minFreeBytes = 0, allowSharedDisk = false } = parts;
  const { clock } = runtime;
  const thread = await start({ dataDir, limits, maxBytes, minFreeBytes, logBytes: fullLogBytes, allowSharedDisk });
  const bus = new MemoryBus();
  const commits = new GroupCommit(thread, clock, load, observer, (channel, value) =>
    bus.publishNow(channelTopic(channel), { $case: "messages", value }),
  );
  const port = <Name extends PortName>(name: Name) => portOf(name, commits, () => clock.now());
  const rates = new MemoryRateCounters({ clock });
  const retries = new MemoryRetryMemory({ clock, limits });
  const upkeep = port("upkeep");
  let sweeping = false;
  const sweep = async () => {
    if (sweeping) return;
    sweeping = true;
    // The health tells of a failure.
    await upkeep.sweep().catch(() => {});
    sweeping = false;
  };
  const timer = clock.every(sweepIntervalMs, () => {
    for (const memory of [rates, retries]) memory.sweep();
    void sweep();
  });
  await sweep();
  return {
    nodes: new MemoryNodeDirectory({ clock }),
    sessions: new MemorySessionDirectory({ clock }),
    channels: new MemoryChannelDirectory({ runtime, bus }),
    log: new RatedLog({ ...port("log"), append: (channel, record) => commits.append(channel, record) }, rates),
    bus,
    rates,
    retries,
    attributes: port("attributes"),
    inbox: port("inbox"),
    invitations: port("invitations"),
    bans: port("bans"),
    revocations: port("revocations"),
    health: () => commits.health,
    freeBytes: () => commits.freeBytes,
    waitingCalls: () => commits.waitingCalls,
    async close() {
      timer.cancel();
      await commits.close();
    },
  };
}

/** A port whose methods are calls to the thread of the store. */
function portOf<Name extends PortName>(name: Name, commits: GroupCommit, now: () => number): StorePorts[Name] {
  const methods = Object.keys(calls[name]).map((method) => [
    method,
    (...args: unknown[]) => commits.call({ port: name, method, args, nowMs: now() }),
  ]);
  // The table of calls has every method of the port, and the thread answers with what the port promises.
  return Object.fromEntries(methods) as StorePorts[Name];
}
