// Puts a node together: the only place that knows every part. Nothing here decides anything about the protocol.
import type { AppDirectory } from "./auth/app.js";
import { composeAdmin } from "./compose/admin.js";
import { openEngine } from "./compose/engine.js";
import { composeFeatures } from "./compose/features.js";
import type { NodeParts } from "./compose/foundation.js";
import { composeLife } from "./compose/life.js";
import { composeLogin } from "./compose/login.js";
import type { Accept } from "./edge/door.js";
import type { EngineHealth } from "./engine/ports/health.js";
import { LoadMeter } from "./fanout/load-meter.js";
import { AppLimits } from "./feature/app-limits.js";
import { Networks } from "./networks.js";
import { Metrics } from "./observe/metrics.js";
import { callObserver, failureReport } from "./observe/observers.js";
import { noTracer } from "./observe/tracer.js";
import { randomId } from "./runtime.js";
import { AddressLimits } from "./session/address-limits.js";
import type { AdminCalls } from "./session/admin/admin-calls.js";
import { Dispatcher } from "./session/dispatcher.js";
import type { NodeLife } from "./session/node-life.js";
import { nodeListener } from "./session/node-listener.js";
import { Registry } from "./session/registry.js";
import { sessionHandlers } from "./session/session-calls.js";
import type { Sessions } from "./session/sessions.js";
import { Stream } from "./session/stream.js";
import { StreamCalls } from "./session/stream-calls.js";
import { UnaryCalls } from "./session/unary-calls.js";

export type { NodeParts } from "./compose/foundation.js";
export { inspectRedis } from "./engine/redis/survey/inspect.js";
export { backUpStore, checkStore, storeStats } from "./engine/store/inspection.js";
export { surveyStore } from "./engine/store/survey.js";

/** One node, without its edges. */
export interface AldisNode {
  /** Takes the connections of clients, whatever they run over. */
  readonly accept: Accept;
  /** What the edges let through, by address. */
  readonly addresses: AddressLimits;
  readonly unaryCalls: UnaryCalls;
  /** The calls of operators. Undefined if nobody has a key for them. */
  readonly adminCalls: AdminCalls | undefined;
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  /** Whether the engine can serve. */
  health(): EngineHealth;
  /** Lets go of everything; sessions end without a word. */
  close(): Promise<void>;
}

/** Without apps of their own limits. */
const noApps: AppDirectory = { find: () => undefined };

export async function createNode(given: NodeParts): Promise<AldisNode> {
  const { config, logger } = given;
  const { limits } = config;
  const registry = new Registry();
  const load = new LoadMeter(given.runtime.clock);
  const metrics = new Metrics(registry, load);
  const reportFailure = failureReport(metrics, logger);
  const report = (failure: unknown): void => reportFailure(failure);
  const { engine, clock } = await openEngine(given, load, metrics, report);
  const runtime = { clock, randomBytes: (length: number) => given.runtime.randomBytes(length) };
  const parts = { ...given, runtime };
  const nodeId = nodeIdOf(parts);
  const onLimit = metrics.onLimit.bind(metrics);
  const addresses = new AddressLimits(new Networks(config.trustedNetworks), clock, limits, onLimit);
  const appLimits = new AppLimits(limits, parts.apps ?? noApps, clock, onLimit);
  const foundation = { parts, nodeId, engine, registry, load, metrics, clock, limits, appLimits, report };
  const features = composeFeatures(foundation);
  let life: NodeLife | undefined;
  const refuseNow = () => life?.refuse();
  const login = composeLogin(foundation, addresses, features, refuseNow);

  const tracer = parts.tracer ?? noTracer;
  const observer = callObserver(metrics, tracer, logger);
  const handlers = { ...sessionHandlers(registry, features.sessions, login), ...features.handlers };
  const dispatcher = new Dispatcher(handlers, limits, appLimits, () => clock.monotonic(), observer, refuseNow);
  const unaryCalls = new UnaryCalls(dispatcher, (token) => login.verifyCaller(token), registry, clock, limits, tracer);
  const { requests, adminCalls } = composeAdmin(foundation, features, observer);
  const services = { login, calls: new StreamCalls(dispatcher, limits), clock, limits, tracer, report };
  life = composeLife(foundation, features, nodeListener({ ...features, registry, requests }, report));
  metrics.watchNode(life, features.unfinished);
  await life.begin();
  const timed = [load, addresses, ...features.timed];
  for (const part of timed) part.start();

  return {
    accept: (link) => new Stream(link, services),
    addresses,
    unaryCalls,
    adminCalls,
    sessions: features.sessions,
    metrics,
    health: () => engine.health(),
    async close() {
      for (const part of timed) part.stop();
      unaryCalls.stop();
      // Messages that wait here for clients who are gone are stored by their senders' nodes; the engine of one node ends with it.
      if (Number.isFinite(engine.nodes.leaseMs)) for (const session of registry) session.outbox.end();
      await features.storable.close();
      // The claim of a session that is over may have to be released yet.
      const isDone = await features.unfinished.close();
      await life.end(isDone && registry.sessions() === 0);
      await engine.close();
    },
  };
}

/** A node that shares its engine has another id in each of its lives, so that nobody takes one for the other. */
function nodeIdOf({ config: { nodeId }, redis, runtime }: NodeParts): string {
  if (nodeId === undefined) return randomId(runtime, 64);
  return redis === undefined ? nodeId : `${nodeId}-${randomId(runtime, 64)}`;
}
