import type { AttributeStore } from "./ports/attribute-store.js";
import type { BanList } from "./ports/ban-list.js";
import type { Bus } from "./ports/bus.js";
import type { ChannelDirectory } from "./ports/channel-directory.js";
import type { ChannelLog } from "./ports/channel-log.js";
import type { EngineHealth } from "./ports/health.js";
import type { Inbox } from "./ports/inbox.js";
import type { InvitationStore } from "./ports/invitation-store.js";
import type { NodeDirectory } from "./ports/node-directory.js";
import type { RateCounters } from "./ports/rate-counters.js";
import type { RetryMemory } from "./ports/retry-memory.js";
import type { RevocationList } from "./ports/revocation-list.js";
import type { SessionDirectory } from "./ports/session-directory.js";

/**
 * All state that nodes share. Every method is asynchronous, since it may be remote; it rejects only with `EngineUnavailable`,
 * when the engine cannot serve. Each port states its own atomicity, order and meaning of empty.
 */
export interface Engine {
  readonly nodes: NodeDirectory;
  readonly sessions: SessionDirectory;
  readonly channels: ChannelDirectory;
  readonly log: ChannelLog;
  readonly bus: Bus;
  readonly rates: RateCounters;
  readonly retries: RetryMemory;
  readonly attributes: AttributeStore;
  readonly inbox: Inbox;
  readonly invitations: InvitationStore;
  readonly bans: BanList;
  readonly revocations: RevocationList;
  /** Whether it can serve now, as far as it knows. Never throws. */
  health(): EngineHealth;
  /** Lets go of everything. Nothing may be called afterwards. */
  close(): Promise<void>;
}
