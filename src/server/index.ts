// The public door of the server: `aldis/server`.

import { readFileSync } from "node:fs";
import { fixedApp, type ServedApps } from "./auth/app.js";
import { Apps } from "./auth/apps.js";
import { closeDevelopmentFile, developmentSecret, writeDevelopmentFile } from "./auth/development-file.js";
import { fetchText } from "./auth/fetch-text.js";
import { createJwtVerifier, issueToken } from "./auth/jwt.js";
import { secretTokenKey } from "./auth/token-key.js";
import { rememberTokens } from "./auth/token-memory.js";
import { type AldisNode, createNode } from "./compose.js";
import type { Config } from "./config.js";
import { defaultConfig, defaultDataDir } from "./config.js";
import { GrpcEdge } from "./edge/grpc/grpc-edge.js";
import { HttpEdge } from "./edge/http.js";
import { type MemoryTransport, memoryTransport } from "./edge/memory.js";
import { createLogger, type Logger, silentLogger } from "./observe/log.js";
import { type Runtime, randomId, systemRuntime } from "./runtime.js";

export type { MemoryTransport } from "./edge/memory.js";
export type { Logger } from "./observe/log.js";
export type { Runtime } from "./runtime.js";

export interface ServerOptions {
  /** What differs from the defaults. Without `grpcPort` and `httpPort` the server listens nowhere: the embedded mode. */
  readonly config?: Partial<Config>;
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
  /** Looks at once whether apps or keys are others in the apps file. It is also looked at by itself, every 10 seconds. */
  reload(): void;
  /** Asks all clients to go, and waits until they have gone or the limit `drainMs` is over. */
  drain(): Promise<void>;
  /** Ends at once. Clients see a broken link, and come back when there is a server again. */
  close(): Promise<void>;
}

type ServerConfig = Omit<Config, "grpcPort" | "httpPort"> & Partial<Pick<Config, "grpcPort" | "httpPort">>;

/** Starts a server. Rejects with an Error that says what to do if an address cannot be had. */
export async function createServer(options: ServerOptions = {}): Promise<AldisServer> {
  const { grpcPort: _grpc, httpPort: _http, ...defaults } = defaultConfig(defaultDataDir(process.env));
  const config: ServerConfig = { ...defaults, ...options.config };
  const runtime = options.runtime ?? systemRuntime;
  const listens = config.grpcPort !== undefined || config.httpPort !== undefined;
  const logger = options.logger ?? (listens ? createLogger(config.logLevel) : silentLogger());
  const { apps, secret, reload, stop } = await openApps(config, runtime, logger);
  const jwt = createJwtVerifier({ apps, limits: config.limits, runtime });
  const verifier = rememberTokens(jwt, runtime.clock, () => apps.revision);
  const kind = config.store ?? (listens ? "disk" : "memory");
  const store = kind === "disk" ? config : undefined;
  const node = await createNode({ config, store, verifier, runtime, logger });
  const announced = secret !== undefined && config.development && config.grpcPort !== undefined;
  const edges = await openEdges(config, node, runtime);
  const addresses = { grpc: edges.grpc?.address, http: edges.http?.address };
  const close = async () => {
    stop();
    edges.close();
    await node.close();
  };
  if (announced) {
    const file = { appId: config.appId, secret, ...addresses, pid: process.pid };
    await writeDevelopmentFile(config.dataDir, file).catch(async (failure: Error) => {
      await close();
      const advice = "choose another directory with --data-dir";
      throw new Error(`cannot write to the data directory "${config.dataDir}": ${failure.message}; ${advice}`, {
        cause: failure,
      });
    });
  }
  return {
    addresses,
    appId: apps.ids[0] ?? "",
    transport: () => memoryTransport(node.accept),
    async issueToken({ appId = apps.ids[0] ?? "", ...request }) {
      const key = apps.signingKey(appId);
      if (key === undefined) throw new Error(`the server has no secret to sign tokens of app "${appId}" with`);
      return issueToken({ ...request, appId, key, runtime });
    },
    reload,
    async drain() {
      edges.stopInviting();
      await node.sessions.drain();
    },
    async close() {
      await close();
      if (announced) await closeDevelopmentFile(config.dataDir, process.pid);
    },
  };
}

/** The apps of the apps file, which is watched, or the one app of the configuration with its secret. */
async function openApps(config: ServerConfig, runtime: Runtime, logger: Logger): Promise<OpenApps> {
  const { appsFile: path } = config;
  if (path === undefined) {
    const secret = await secretOf(config, runtime);
    return { apps: fixedApp(config.appId, secretTokenKey(secret)), secret, reload() {}, stop() {} };
  }
  const readFile = (name: string) => readFileSync(name, "utf8");
  const apps = Apps.open({ path, readFile, fetchText, runtime, report: (sentence) => logger.error(sentence) });
  const watch = apps.watch();
  return { apps, reload: () => apps.reload(), stop: () => watch.cancel() };
}

interface OpenApps {
  readonly apps: ServedApps;
  /** The secret of the one app of the configuration. */
  readonly secret?: string;
  reload(): void;
  stop(): void;
}

async function secretOf(config: ServerConfig, runtime: Runtime): Promise<string> {
  if (config.tokenSecret !== undefined) return config.tokenSecret;
  const kept = config.development && config.grpcPort !== undefined;
  return kept ? developmentSecret(config.dataDir, runtime) : randomId(runtime, 256);
}

/** How often load balancers are told how the engine is, in milliseconds. */
const healthIntervalMs = 1000;

const obstacles = { ok: undefined, full: "the disk is full", failed: "the store has failed; see the log" } as const;

async function openEdges(config: ServerConfig, node: AldisNode, { clock }: Runtime) {
  const { grpcHost, grpcPort, httpHost, httpPort, limits } = config;
  const open: { close(): void }[] = [];
  const close = () => {
    for (const edge of open) edge.close();
  };
  let draining = false;
  const obstacle = () => (draining ? "draining" : obstacles[node.health()]);
  try {
    const sources = { obstacle, metrics: () => node.metrics.text() };
    const { accept, unaryCalls } = node;
    const grpc = grpcPort === undefined ? undefined : await GrpcEdge.listen(grpcHost, grpcPort, accept, unaryCalls, limits);
    if (grpc !== undefined) open.push(grpc);
    const http = httpPort === undefined ? undefined : await HttpEdge.listen(httpHost, httpPort, sources);
    if (http !== undefined) open.push(http);
    const tellHealth = () => grpc?.setInviting(obstacle() === undefined);
    const timer = clock.every(healthIntervalMs, tellHealth);
    open.push({ close: () => timer.cancel() });
    const stopInviting = () => {
      draining = true;
      tellHealth();
    };
    return { grpc, http, stopInviting, close };
  } catch (failure) {
    close();
    await node.close();
    throw failure;
  }
}
