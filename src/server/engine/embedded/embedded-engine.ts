import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Runtime } from "../../runtime.js";
import type { Engine } from "../engine.js";
import type { WaitingAppends } from "../shared/append-queues.js";
import { MemoryAttributeStore } from "./memory-attribute-store.js";
import { MemoryBanList } from "./memory-ban-list.js";
import { MemoryBus } from "./memory-bus.js";
import { MemoryChannelDirectory } from "./memory-channel-directory.js";
import { MemoryChannelLog } from "./memory-channel-log.js";
import { MemoryInbox } from "./memory-inbox.js";
import { MemoryInvitationStore } from "./memory-invitation-store.js";
import { MemoryNodeDirectory } from "./memory-node-directory.js";
import { MemoryRateCounters } from "./memory-rate-counters.js";
import { MemoryRetryMemory } from "./memory-retry-memory.js";
import { MemoryRevocationList } from "./memory-revocation-list.js";
import { MemorySessionDirectory } from "./memory-session-directory.js";
import { RatedLog } from "./rated-log.js";

/** How often the memory of what has expired is freed. Nothing but memory depends on it. */
const sweepIntervalMs = 1000;

export interface EmbeddedEngineParts {
  readonly runtime: Runtime;
  readonly limits: Limits;
  /** Whether the node is busy: then messages to channels wait a moment to be published together. By default it never is. */
  readonly load?: { readonly busy: boolean };
}

export interface EmbeddedEngine extends Engine {
  /** The messages to channels that wait to be published together. */
  readonly waitingAppends: WaitingAppends;
}

/**
 * An engine inside one process: every call is one step, and its promise is resolved when the call returns, but for messages to
 * channels, of which those that come together are one step. Nothing outlives the process. `close` only ends the timer that frees
 * memory.
 */
export function createEmbeddedEngine({ runtime, limits, load = { busy: false } }: EmbeddedEngineParts): EmbeddedEngine {
  const { clock } = runtime;
  const bus = new MemoryBus();
  const log = new MemoryChannelLog({ runtime, limits, bus, load });
  const rates = new MemoryRateCounters({ clock });
  const retries = new MemoryRetryMemory({ clock, limits });
  const bans = new MemoryBanList({ clock });
  const timer = clock.every(sweepIntervalMs, () => {
    for (const port of [log, rates, retries, bans]) port.sweep();
  });
  return {
    nodes: new MemoryNodeDirectory({ clock }),
    sessions: new MemorySessionDirectory({ clock }),
    channels: new MemoryChannelDirectory({ runtime, bus }),
    log: new RatedLog(log, rates),
    waitingAppends: log.waiting,
    bus,
    rates,
    retries,
    attributes: new MemoryAttributeStore({ limits }),
    inbox: new MemoryInbox({ clock, limits }),
    invitations: new MemoryInvitationStore({ clock }),
    bans,
    revocations: new MemoryRevocationList(),
    health: () => "ok",
    close: async () => timer.cancel(),
  };
}
