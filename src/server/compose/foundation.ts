import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { AdminKeys } from "../auth/admin-keys.js";
import type { ServedApps } from "../auth/app.js";
import type { TokenVerifier } from "../auth/token-verifier.js";
import type { Config, RedisTarget } from "../config.js";
import type { Engine } from "../engine/engine.js";
import type { LoadMeter } from "../fanout/load-meter.js";
import type { IssueToken } from "../feature/admin/tokens.js";
import type { AppLimits } from "../feature/app-limits.js";
import type { AppServerNetwork } from "../feature/app-server/network.js";
import type { Logger } from "../observe/log.js";
import type { Metrics } from "../observe/metrics.js";
import type { Tracer } from "../observe/tracer.js";
import type { Clock, Runtime } from "../runtime.js";
import type { Registry } from "../session/registry.js";

/** The memory of this process that is in RAM, in bytes. */
export const processBytes = (): number => process.memoryUsage.rss();

export interface NodeParts {
  readonly config: Pick<
    Config,
    "appId" | "nodeId" | "allowNoToken" | "storeForAway" | "appServerHosts" | "appServerNetworks" | "trustedNetworks" | "limits"
  >;
  /** Where and how the node keeps what must outlive it. Without this that is in memory too, and is lost with the node. */
  readonly store?: Pick<Config, "dataDir" | "minFreeBytes" | "allowSharedDisk">;
  /** The Redis that the node shares with others, in place of a store. By default none: it is alone. */
  readonly redis?: Pick<Config, "redisPrefix" | "redisProfile"> & { readonly target: RedisTarget };
  /** An engine that is open already, and is closed with the node. */
  readonly engine?: Engine;
  readonly verifier: TokenVerifier;
  /** The apps that the verifier serves, with their limits; by default none has any of its own, or figures of its own. */
  readonly apps?: Pick<ServedApps, "ids" | "find">;
  /** The keys of the admin service; by default none. */
  readonly adminKeys?: AdminKeys;
  /** The key by which the audit log of the admin service hides users; by default a random one. */
  readonly auditKey?: string;
  /** Makes tokens for operators; by default it makes none. */
  readonly issueToken?: IssueToken;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Where calls and deliveries are traced; by default nowhere. */
  readonly tracer?: Tracer;
  /** The memory of the process that is in RAM, in bytes; that of this process by default. */
  readonly residentBytes?: () => number;
  /** The way to application servers; that of the system by default. */
  readonly appServerNetwork?: AppServerNetwork;
}

/** What all the parts of a node stand on. */
export interface Foundation {
  readonly parts: NodeParts;
  readonly nodeId: string;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly load: LoadMeter;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly appLimits: AppLimits;
  /** Hears of a failure that no call can be told of. */
  readonly report: (failure: unknown) => void;
}
