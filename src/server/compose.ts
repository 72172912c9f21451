// Puts a node together: the only place that knows every part. Nothing here decides anything about the protocol.
import { Capability } from "../../gen/aldis/v1/session.js";
import { errorTable } from "../../gen/aldis/v1/tables/errors.js";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { AdminKeys } from "./auth/admin-keys.js";
import type { TokenVerifier } from "./auth/token-verifier.js";
import type { Config } from "./config.js";
import type { Accept } from "./edge/door.js";
import { createEmbeddedEngine } from "./engine/embedded/embedded-engine.js";
import type { Engine } from "./engine/engine.js";
import type { EngineHealth } from "./engine/ports/health.js";
import { createDurableEngine } from "./engine/store/durable-engine.js";
import { CountTeller } from "./fanout/count-teller.js";
import { Flusher } from "./fanout/flusher.js";
import { Hub } from "./fanout/hub.js";
import { LoadMeter } from "./fanout/load-meter.js";
import { PlaceKeeper } from "./fanout/place-keeper.js";
import { adminHandlers } from "./feature/admin/handlers.js";
import { NodeRequests } from "./feature/admin/node-requests.js";
import type { IssueToken } from "./feature/admin/tokens.js";
import { Admittance } from "./feature/admittance.js";
import { AppServers } from "./feature/app-server/app-servers.js";
import type { AppServerNetwork } from "./feature/app-server/network.js";
import { AppServerRules } from "./feature/app-server/rules.js";
import { systemAppServerNetwork } from "./feature/app-server/system-network.js";
import { AttributeEnds } from "./feature/attribute/attribute-ends.js";
import type { AttributeWatch } from "./feature/attribute/attribute-watch.js";
import { AttributeWriter } from "./feature/attribute/attribute-writer.js";
import { ChannelAttributes } from "./feature/attribute/channel-attributes.js";
import { ChannelLife } from "./feature/attribute/channel-life.js";
import { MemberNumbers } from "./feature/attribute/member-numbers.js";
import { UserAttributes } from "./feature/attribute/user-attributes.js";
import { Capacity } from "./feature/capacity.js";
import { Channels } from "./feature/channel.js";
import { channelMessageHandlers } from "./feature/channel-message.js";
import { Deliveries } from "./feature/deliveries.js";
import { Happenings } from "./feature/happenings.js";
import { Inboxes } from "./feature/inbox/inboxes.js";
import { StorableSends } from "./feature/inbox/storable-sends.js";
import { invitationHandlers } from "./feature/invitation/calls.js";
import { Invitations } from "./feature/invitation/invitations.js";
import { sendingHandler } from "./feature/invitation/sending.js";
import { memberHandlers } from "./feature/member.js";
import { peerMessageHandlers } from "./feature/peer-message.js";
import { PresenceSubscriptions } from "./feature/presence/presence-subscriptions.js";
import { presenceHandlers } from "./feature/presence/query.js";
import type { PresenceSubscription } from "./feature/presence/subscription.js";
import { TraceMemory, type TraceRecorder } from "./feature/trace.js";
import { UserEvents } from "./feature/user-events.js";
import { UserLife } from "./feature/user-life.js";
import { UserTopics } from "./feature/user-topics.js";
import { UserWatches } from "./feature/user-watches.js";
import { Networks } from "./networks.js";
import type { Logger } from "./observe/log.js";
import { Metrics } from "./observe/metrics.js";
import { callObserver, deliveryObserver } from "./observe/observers.js";
import { noTracer, type Tracer } from "./observe/tracer.js";
import { type Clock, type Runtime, randomId } from "./runtime.js";
import { AddressLimits } from "./session/address-limits.js";
import { AdminCalls } from "./session/admin/admin-calls.js";
import type { Audit } from "./session/admin/audit.js";
import { NodeAnswers } from "./session/admin/node-answers.js";
import { BatchJoiner } from "./session/batch-joiner.js";
import { Dispatcher, type DispatchObserver } from "./session/dispatcher.js";
import { Login } from "./session/login.js";
import { listenAsNode } from "./session/node-listener.js";
import { Registry } from "./session/registry.js";
import type { SessionObserver } from "./session/session.js";
import { sessionHandlers } from "./session/session-calls.js";
import { Sessions } from "./session/sessions.js";
import { Stream } from "./session/stream.js";
import { StreamCalls } from "./session/stream-calls.js";
import { UnaryCalls } from "./session/unary-calls.js";
import { serverVersion } from "./version.js";

export { backUpStore, checkStore, storeStats } from "./engine/store/inspection.js";
export { surveyStore } from "./engine/store/survey.js";

/** What this server offers besides the base protocol. */
const capabilities = [
  Capability.APP_SERVER,
  Capability.ATTRIBUTES,
  Capability.CHANNEL_HISTORY,
  Capability.INBOX,
  Capability.INVITATIONS,
  Capability.PRESENCE_SUBSCRIPTIONS,
];

const processBytes = (): number => process.memoryUsage.rss();

export interface NodeParts {
  readonly config: Pick<
    Config,
    "appId" | "nodeId" | "allowNoToken" | "storeForAway" | "appServerHosts" | "appServerNetworks" | "trustedNetworks" | "limits"
  >;
  /** Where and how the node keeps what must outlive it. Without this that is in memory too, and is lost with the node. */
  readonly store?: Pick<Config, "dataDir" | "minFreeBytes" | "allowSharedDisk">;
  /** An engine that is open already, and is closed with the node. */
  readonly engine?: Engine;
  readonly verifier: TokenVerifier;
  /** The keys of the admin service; by default none. */
  readonly adminKeys?: AdminKeys;
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

export async function createNode(parts: NodeParts): Promise<AldisNode> {
  const { config, runtime, logger } = parts;
  const { limits } = config;
  const { clock } = runtime;
  const nodeId = config.nodeId ?? randomId(runtime, 64);
  const registry = new Registry();
  const load = new LoadMeter(clock);
  const metrics = new Metrics(registry, load);
  const report = (failure: unknown): void => {
    metrics.onFailure();
    logger.error({ err: failure }, "a fault of the server");
  };
  const engine = parts.engine ?? (await openEngine(parts, metrics, report));
  const addresses = new AddressLimits(new Networks(config.trustedNetworks), clock, limits, (limit) => metrics.onLimit(limit));
  const foundation = { parts, nodeId, engine, registry, load, metrics, clock, limits, report };
  const features = composeFeatures(foundation);
  const login = composeLogin(foundation, addresses, features);

  const observer = callObserver(metrics, parts.tracer ?? noTracer, logger);
  const handlers = { ...sessionHandlers(registry, features.sessions, login), ...features.handlers };
  const dispatcher = new Dispatcher(handlers, limits, () => clock.monotonic(), observer);
  const unaryCalls = new UnaryCalls(dispatcher, (token) => login.verifyCaller(token), registry, clock, limits);
  const { requests, adminCalls } = composeAdmin(foundation, features, observer);
  const services = { login, calls: new StreamCalls(dispatcher, limits), clock, limits, report };
  const subscription = await listenAsNode(nodeId, engine.bus, { ...features, registry, requests }, report);
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
      await subscription.end();
      await features.storable.close();
      await engine.close();
    },
  };
}

/** What all the parts of a node stand on. */
interface Foundation {
  readonly parts: NodeParts;
  readonly nodeId: string;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly load: LoadMeter;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly report: (failure: unknown) => void;
}

type Features = ReturnType<typeof composeFeatures>;

/** What users call, and what happens to users. */
function composeFeatures({ parts, nodeId, engine, registry, metrics, clock, limits, report }: Foundation) {
  const { config, runtime } = parts;
  const writer = new AttributeWriter(engine.attributes, clock, limits);
  const rooms = composeRooms({ engine, writer, clock, limits, report });
  const { hub, life } = rooms;
  const trace = new TraceMemory(nodeId, clock);
  const happenings = new Happenings(engine.bus, randomId(runtime, 64), clock, report);
  const watching = composeWatching({ engine, writer, clock, limits, report }, { happenings, trace });
  const admittance = new Admittance(engine, clock);
  const capacity = composeCapacity(parts, registry, hub, metrics);
  const channels = new Channels({ engine, rooms: hub, life, admittance, capacity, happenings, nodeId, limits, report });
  const findSession = registry.findUser.bind(registry);
  const events: UserEvents = new UserEvents(engine, findSession, (user, event) => invitations.onAcknowledged(user, event));
  const invitations = new Invitations(engine, events, trace, clock, report);
  const observer = { onInboxLoss: metrics.onInboxLoss.bind(metrics), note: trace.note.bind(trace) };
  const inboxes = new Inboxes(engine, events, findSession, clock, limits, observer, report);
  const storable = new StorableSends(inboxes);
  const observeDelivery = deliveryObserver(metrics, parts.tracer ?? noTracer, clock, report);
  const deliveries = new Deliveries(engine, nodeId, findSession, (session) => inboxes.feedOf(session), report, observeDelivery);
  const { userLife } = watching;
  const sessions = new Sessions(registry, engine, channels, invitations, inboxes, userLife, clock, limits, report);
  const attributeEnds = new AttributeEnds(engine, watching.attributes, rooms.attributes, clock, report);

  const { storeForAway } = config;
  const sending = { engine, deliveries, inboxes, storable, trace, runtime, limits, storeForAway, report };
  const peerMessages = peerMessageHandlers(sending);
  const channelMessages = channelMessageHandlers(engine, hub, rooms.attributes, trace, runtime, limits);
  const handlers = {
    ...peerMessages,
    ...channels.handlers,
    ...channelMessages,
    ...memberHandlers(engine, limits),
    ...rooms.attributes.handlers,
    ...watching.handlers,
    ...sendingHandler(engine, invitations, clock, limits),
    ...invitationHandlers(engine, invitations, events),
    ...composeAppServers(parts, metrics).handlers,
  };
  const timed = [happenings, ...rooms.timed, attributeEnds, sessions, invitations, inboxes];
  const messages = { deliveries, events, inboxes, storable, peerMessages, channelMessages };
  return { ...messages, channels, sessions, admittance, capacity, trace, happenings, handlers, timed };
}

/** Who gets in. */
function composeLogin(
  { parts, nodeId, engine, registry, load, metrics, clock, limits }: Foundation,
  addresses: AddressLimits,
  { sessions, admittance, capacity, trace }: Features,
): Login {
  const { config, verifier, runtime } = parts;
  const options = { ...config, nodeId, serverVersion, capabilities };
  const flusher = new Flusher(load, clock, metrics);
  const sessionServices = { flusher, joiner: new BatchJoiner(), observer: sessionObserver(metrics, load), clock, limits };
  return new Login({
    options,
    verifier,
    admittance,
    addresses,
    capacity,
    registry,
    sessions,
    engine,
    runtime,
    limits,
    sessionServices,
    trace,
    observer: metrics,
  });
}

function composeCapacity(
  { runtime, config, residentBytes = processBytes }: NodeParts,
  registry: Registry,
  hub: Hub,
  metrics: Metrics,
): Capacity {
  const load = {
    sessions: () => registry.sessions(),
    sessionsOf: (appId: string) => registry.sessionsOf(appId),
    channels: () => hub.size,
    residentBytes,
  };
  return new Capacity(load, runtime.clock, config.limits, (limit) => metrics.onLimit(limit));
}

async function openEngine(
  { store, runtime, config: { limits } }: NodeParts,
  metrics: Metrics,
  report: (failure: unknown) => void,
): Promise<Engine> {
  if (store === undefined) return createEmbeddedEngine({ runtime, limits });
  const engine = await createDurableEngine({ ...store, runtime, limits, report });
  metrics.watchStore(engine);
  return engine;
}

function sessionObserver(metrics: Metrics, load: LoadMeter): SessionObserver {
  return {
    onBatch(events, bytes) {
      metrics.onBatch(events, bytes);
      load.onBatch(events);
    },
    onSlowConsumer: () => metrics.onSlowConsumer(),
  };
}

function composeAppServers({ config, runtime, appServerNetwork = systemAppServerNetwork }: NodeParts, metrics: Metrics) {
  const onOpen = metrics.onAppServerMessages.bind(metrics);
  return new AppServers(appServerNetwork, new AppServerRules(config), runtime.clock, config.limits, onOpen);
}

/** What operators call, and what nodes ask each other for them. Without keys nobody could call. */
function composeAdmin(
  { parts, nodeId, engine, registry, metrics: totals, clock, limits, report }: Foundation,
  { sessions, channels, peerMessages, channelMessages, happenings, trace }: Features,
  observer: DispatchObserver,
) {
  const { verifier, adminKeys: keys = new AdminKeys([]), issueToken = async () => undefined, logger } = parts;
  const { residentBytes = processBytes } = parts;
  const own = { nodeId, serverVersion, registry, sessions, channels, trace, totals, residentBytes, clock };
  const requests = new NodeRequests(engine.bus, nodeId, new NodeAnswers(own), clock, report);
  if (keys.isEmpty) return { requests, adminCalls: undefined };
  // With these engines the cluster is one node.
  const nodes = async () => [nodeId];
  const handlers = adminHandlers({ engine, requests, nodes, peerMessages, channelMessages, issueToken, trace, clock });
  const serves = (appId: string) => verifier.serves(appId);
  const audit: Audit = ({ code, ...entry }) => {
    logger.info({ audit: { ...entry, outcome: code === undefined ? "OK" : errorTable[code].name } }, "an admin call");
  };
  return { requests, adminCalls: new AdminCalls({ handlers, happenings, keys, serves, limits, clock, observer, audit }) };
}

/** What the parts below are made of. */
interface Materials {
  readonly engine: Engine;
  readonly writer: AttributeWriter;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly report: (failure: unknown) => void;
}

/** The channels of this node's members: who hears what, and the attributes by which the channels behave. */
function composeRooms({ engine, writer, clock, limits, report }: Materials) {
  const attributes = new ChannelAttributes(engine, writer, clock, limits);
  const numbers = new MemberNumbers(engine, attributes, clock, limits, report);
  const hub = new Hub({
    bus: engine.bus,
    readSettings: (channel) => attributes.settings(channel),
    onMembersChanged: (channel, { memberNumberMs }) => {
      if (memberNumberMs > 0) numbers.note(channel, memberNumberMs);
    },
    report,
  });
  const life = new ChannelLife(engine.attributes, hub, numbers, attributes, limits);
  const places = new PlaceKeeper(hub, engine.log, clock, report);
  const counts = new CountTeller(hub, engine.channels, clock, limits, report);
  return { hub, life, attributes, timed: [places, counts, numbers] };
}

/** Who watches whom: presence and the attributes of users. */
function composeWatching(
  { engine, writer, clock, limits, report }: Materials,
  operators: { readonly happenings: Happenings; readonly trace: TraceRecorder },
) {
  const topics = new UserTopics(engine.bus, report);
  const subscriptions = new UserWatches<PresenceSubscription>("presence", topics, limits);
  const watches = new UserWatches<AttributeWatch>("attributes", topics, limits);
  const presence = new PresenceSubscriptions(engine, topics, subscriptions);
  const attributes = new UserAttributes(engine, writer, topics, watches, clock, limits);
  return {
    attributes,
    userLife: new UserLife(presence, attributes, [subscriptions, watches], operators),
    handlers: { ...presenceHandlers(engine), ...presence.handlers, ...attributes.handlers },
  };
}
