// The public door of the server: `aldis/server`.

import type { TokenRights } from "../../gen/aldis/v1/admin_service.js";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { ServedApps } from "./auth/app.js";
import { openAuditKey } from "./auth/audit-key.js";
import { closeDevelopmentFile, writeDevelopmentFile } from "./auth/development-file.js";
import { createJwtVerifier, type IssueRequest, issueToken } from "./auth/jwt.js";
import { openAdminKeys } from "./auth/open-admin-keys.js";
import { openApps } from "./auth/open-apps.js";
import { rememberTokens } from "./auth/token-memory.js";
import { processBytes } from "./compose/foundation.js";
import { createNode } from "./compose.js";
import type { Config, LoadedConfig } from "./config.js";
import { defaultConfig, defaultDataDir } from "./config.js";
import { ConfigWatch } from "./config-watch.js";
import { type MemoryTransport, memoryTransport } from "./edge/memory.js";
import { openEdges } from "./edges.js";
import { HeapGrowth } from "./heap-growth.js";
import { createLogger, type Logger, silentLogger } from "./observe/log.js";
import { openTelemetryTracer } from "./observe/otel.js";
import { type Runtime, systemRuntime } from "./runtime.js";

export type { MemoryTransport } from "./edge/memory.js";
export type { Logger } from "./observe/log.js";
export type { Runtime } from "./runtime.js";

export interface ServerOptions {
  /** What differs from the defaults. Without `grpcPort` and `httpPort` the server listens nowhere: the embedded mode. */
  readonly config?: Partial<Config>;
  /**
   * Reads the configuration again: at once after `reload`, and every 10 s. Limits that may change while a server runs are
   * changed then, and the certificates for Redis; what else has changed is logged. Without this the configuration stays as it is.
   */
  readonly loadConfig?: () => LoadedConfig;
  /** Time and randomness; those of the system by default. */
  readonly runtime?: Runtime;
  /** Where the server logs. By default nowhere, or to standard error if it listens. */
  readonly logger?: Logger;
}

export interface TokenRequest {
  /** Whom the token is for. */
  readonly userId: string;
  /** The app; by default the first one that the server serves. */
  readonly appId?: string;
  /** How long it is valid, in milliseconds; by default 24 hours. */
  readonly validForMs?: number;
  /** What it allows; by default all that an ordinary user may do. */
  readonly rights?: Partial<TokenRights>;
}

export interface AldisServer {
  /** Where the server listens, as "host:port". Undefined where it does not. */
  readonly addresses: { readonly grpc?: string; readonly http?: string };
  /** The app that it serves, or the first of several. */
  readonly appId: string;
  /** A transport for clients in this process. */
  transport(): MemoryTransport;
  /** Makes a token for a user. Rejects if the app has no secret: then whoever has its private key makes tokens. */
  issueToken(request: TokenRequest): Promise<string>;
  /** Looks at once whether there are other limits, apps, keys or certificates. They are also looked at by themselves. */
  reload(): void;
  /** Asks all clients to go, and waits until they have gone or the limit `drainMs` is over. */
  drain(): Promise<void>;
  /** Ends at once. Clients see a broken link, and come back when there is a server again. A second call waits for the first. */
  close(): Promise<void>;
}

interface ServerConfig
  extends Omit<Config, "grpcPort" | "httpPort" | "limits">,
    Partial<Pick<Config, "grpcPort" | "httpPort">> {
  /** Changed in place when the configuration is read again, so it is passed on as it is, and never copied. */
  readonly limits: Limits;
}

/** Starts a server. Rejects with an Error that says what to do if an address cannot be had. */
export async function createServer(options: ServerOptions = {}): Promise<AldisServer> {
  const config = completeConfig(options);
  const runtime = options.runtime ?? systemRuntime;
  const listens = config.grpcPort !== undefined || config.httpPort !== undefined;
  const logger = options.logger ?? (listens ? createLogger(config.logLevel) : silentLogger());
  const report = (sentence: string) => logger.error(sentence);
  const announce = (sentence: string) => logger.info(sentence);
  const configWatch = watchConfig(options, config, runtime, logger);
  const { apps, secret, reload, stop } = await openApps(config, runtime, { report, announce });
  const announced = secret !== undefined && config.development && config.grpcPort !== undefined;
  const jwt = createJwtVerifier({ apps, limits: config.limits, runtime });
  const verifier = rememberTokens(jwt, runtime.clock, () => apps.revision);
  const { kind, redis, store } = placesOf(config, listens);
  const admin = openAdminKeys(config, announced ? secret : undefined, { report, announce });
  const sign = signerOf(apps, runtime);
  const auditKey = admin.keys.isEmpty ? undefined : openAuditKey(config, kind === "disk", runtime);
  const services = { verifier, apps, adminKeys: admin.keys, auditKey, issueToken: sign };
  const tracer = openTelemetryTracer(() => runtime.clock.now());
  const node = await createNode({ config, store, redis, ...services, runtime, logger, tracer });
  const edges = await openEdges({ config, node, runtime, report, announce }).catch(async (failure: unknown) => {
    stop();
    await node.close();
    throw failure;
  });
  const { addresses } = edges;
  configWatch?.start();
  const adminWatch = admin.watch(runtime.clock);
  const heapGrowth = listens ? watchHeap(config, runtime) : undefined;
  const close = async () => {
    stop();
    configWatch?.stop();
    adminWatch.cancel();
    heapGrowth?.stop();
    edges.close();
    await node.close();
  };
  let closed: Promise<void> | undefined;
  if (announced) {
    await announceServer(config, { appId: config.appId, secret, ...addresses, pid: process.pid }).catch(async (failure) => {
      await close();
      throw failure;
    });
  }
  return {
    addresses,
    appId: apps.ids[0] ?? "",
    transport: () => memoryTransport(node.accept),
    async issueToken({ appId = apps.ids[0] ?? "", ...request }) {
      const token = await sign({ ...request, appId });
      if (token === undefined) throw new Error(`the server has no secret to sign tokens of app "${appId}" with`);
      return token;
    },
    reload() {
      configWatch?.reload();
      reload();
      admin.reload();
      edges.reload();
    },
    async drain() {
      edges.stopInviting();
      await node.sessions.drain();
    },
    close() {
      closed ??= close().then(async () => {
        if (announced) await closeDevelopmentFile(config.dataDir, process.pid);
      });
      return closed;
    },
  };
}

function completeConfig({ config }: ServerOptions): ServerConfig {
  const { grpcPort: _grpc, httpPort: _http, ...defaults } = defaultConfig(defaultDataDir(process.env));
  return { ...defaults, ...config, limits: { ...(config?.limits ?? defaults.limits) } };
}

/** Where the server keeps what must outlive it. */
function placesOf(config: ServerConfig, listens: boolean) {
  const kind = config.store ?? (listens ? "disk" : "memory");
  const redis = config.redis && { ...config, target: config.redis };
  return { kind, redis, store: kind === "disk" && redis === undefined ? config : undefined };
}

function signerOf(apps: ServedApps, runtime: Runtime) {
  return async ({ appId, ...order }: Omit<IssueRequest, "key" | "runtime">) => {
    const key = apps.signingKey(appId);
    return key && issueToken({ ...order, appId, key, runtime });
  };
}

/** Lets clients of the same user on this machine find a development server. */
function announceServer({ dataDir }: ServerConfig, file: Parameters<typeof writeDevelopmentFile>[1]): Promise<void> {
  return writeDevelopmentFile(dataDir, file).catch((failure: Error) => {
    const advice = "choose another directory with --data-dir";
    throw new Error(`cannot write to the data directory "${dataDir}": ${failure.message}; ${advice}`, { cause: failure });
  });
}

/** For a process that is there for the server: the heap of an application with a server inside is not ours. */
function watchHeap({ limits }: ServerConfig, { clock }: Runtime): HeapGrowth {
  const growth = new HeapGrowth({ clock, limits, residentBytes: processBytes });
  growth.start();
  return growth;
}

function watchConfig({ loadConfig: load }: ServerOptions, started: ServerConfig, runtime: Runtime, logger: Logger) {
  if (load === undefined) return undefined;
  const log = {
    info: (sentence: string) => logger.info(sentence),
    warn: (sentence: string) => logger.warn(sentence),
    error: (sentence: string) => logger.error(sentence),
  };
  return new ConfigWatch({ started, limits: started.limits, load, clock: runtime.clock, log });
}
