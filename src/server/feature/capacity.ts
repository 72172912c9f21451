import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { LimitName, Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../runtime.js";
import type { AppLimits } from "./app-limits.js";
import { type Refusal, refuseOver } from "./refusal.js";

/** What a node has at present. */
export interface NodeLoad {
  sessions(): number;
  sessionsOf(appId: string): number;
  /** The channels with members. */
  channels(): number;
  channelsOf(appId: string): number;
  /** The memory of the process that is in RAM, in bytes. */
  residentBytes(): number;
}

/** How long a look at the memory holds, and when whoever is refused may try again, in milliseconds. */
const [lookEveryMs, retryAfterMs] = [250, 5000];

/** The ceilings of a node: it refuses what is new in good order before the process suffers, and serves on what it has. */
export class Capacity {
  private memory = { bytes: 0, lookedAt: Number.NEGATIVE_INFINITY };

  constructor(
    private readonly load: NodeLoad,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly apps: AppLimits,
    private readonly onRefused: (limit: LimitName) => void,
  ) {}

  /** Undefined if there is room for one more session of an app. */
  refuseSession(appId: string): Refusal | undefined {
    if (this.load.sessions() >= this.limits.sessions) return this.full("sessions", "the server has as many sessions as it may");
    const own = this.apps.of(appId);
    if (this.load.sessionsOf(appId) >= own.appSessions) {
      return this.full("appSessions", "the app has as many sessions as it may", own);
    }
    return this.refuseMemory();
  }

  /** Undefined if there is room for one more channel of an app. */
  refuseChannel(appId: string): Refusal | undefined {
    if (this.load.channels() >= this.limits.channels) return this.full("channels", "the server has as many channels as it may");
    const own = this.apps.of(appId);
    if (this.load.channelsOf(appId) >= own.appChannels) {
      return this.full("appChannels", "the app has as many channels as it may", own);
    }
    return this.refuseMemory();
  }

  private refuseMemory(): Refusal | undefined {
    const now = this.clock.monotonic();
    if (now - this.memory.lookedAt >= lookEveryMs) this.memory = { bytes: this.load.residentBytes(), lookedAt: now };
    if (this.memory.bytes < this.limits.memoryBytes) return undefined;
    return this.full("memoryBytes", "the server uses as much memory as it may");
  }

  private full(limit: LimitName, message: string, limits = this.limits): Refusal {
    this.onRefused(limit);
    return refuseOver(ErrorCode.RESOURCE_EXHAUSTED, limits, limit, message, { retryAfterMs });
  }
}
