// Puts a node together: the only place that knows every part. Nothing here decides anything about the protocol.
import { Capability } from "../../gen/aldis/v1/session.js";
import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { TokenVerifier } from "./auth/token-verifier.js";
import type { Config } from "./config.js";
import type { Accept } from "./edge/door.js";
import { createEmbeddedEngine } from "./engine/embedded/embedded-engine.js";
import type { Engine } from "./engine/engine.js";
import type { EngineHealth } from "./engine/ports/health.js";
import { createDurableEngine } from "./engine/store/durable-engine.js";
import { CountTeller } from "./fanout/count-teller.js";
import { Hub } from "./fanout/hub.js";
import { PlaceKeeper } from "./fanout/place-keeper.js";
import type { AttributeWatch } from "./feature/attribute/attribute-watch.js";
import { AttributeWriter } from "./feature/attribute/attribute-writer.js";
import { ChannelAttributes } from "./feature/attribute/channel-attributes.js";
import { ChannelLife } from "./feature/attribute/channel-life.js";
import { EmptyChannels } from "./feature/attribute/empty-channels.js";
import { MemberNumbers } from "./feature/attribute/member-numbers.js";
import { UserAttributes } from "./feature/attribute/user-attributes.js";
import { Channels } from "./feature/channel.js";
import { channelMessageHandlers } from "./feature/channel-message.js";
import { Deliveries } from "./feature/deliveries.js";
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
import { UserEvents } from "./feature/user-events.js";
import { UserLife } from "./feature/user-life.js";
import { UserTopics } from "./feature/user-topics.js";
import { UserWatches } from "./feature/user-watches.js";
import type { Logger } from "./observe/log.js";
import { Metrics } from "./observe/metrics.js";
import { type Clock, type Runtime, randomId } from "./runtime.js";
import { Dispatcher } from "./session/dispatcher.js";
import { Login } from "./session/login.js";
import { listenAsNode } from "./session/node-listener.js";
import { Registry } from "./session/registry.js";
import { sessionHandlers } from "./session/session-calls.js";
import { Sessions } from "./session/sessions.js";
import { Stream } from "./session/stream.js";
import { StreamCalls } from "./session/stream-calls.js";
import { UnaryCalls } from "./session/unary-calls.js";
import { serverVersion } from "./version.js";

export { backUpStore, checkStore, storeStats } from "./engine/store/inspection.js";

/** What this server offers besides the base protocol. */
const capabilities = [
  Capability.ATTRIBUTES,
  Capability.CHANNEL_HISTORY,
  Capability.INBOX,
  Capability.INVITATIONS,
  Capability.PRESENCE_SUBSCRIPTIONS,
];

export interface NodeParts {
  readonly config: Pick<Config, "appId" | "nodeId" | "allowNoToken" | "storeForAway" | "limits">;
  /** Where the node keeps what must outlive it. Without one that is in memory too, and is lost with the node. */
  readonly dataDir?: string;
  readonly verifier: TokenVerifier;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** One node, without its edges. */
export interface AldisNode {
  /** Takes the connections of clients, whatever they run over. */
  readonly accept: Accept;
  readonly unaryCalls: UnaryCalls;
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  /** Whether the engine can serve. */
  health(): EngineHealth;
  /** Lets go of everything; sessions end without a word. */
  close(): Promise<void>;
}

export async function createNode({ config, dataDir, verifier, runtime, logger }: NodeParts): Promise<AldisNode> {
  const { limits } = config;
  const { clock } = runtime;
  const nodeId = config.nodeId ?? randomId(runtime, 64);
  const registry = new Registry();
  const metrics = new Metrics(registry);
  const report = (failure: unknown): void => {
    metrics.onFailure();
    logger.error({ err: failure }, "a fault of the server");
  };

  const durable = dataDir !== undefined && (await createDurableEngine({ runtime, limits, dataDir, report }));
  const engine = durable || createEmbeddedEngine({ runtime, limits });
  const writer = new AttributeWriter(engine.attributes, clock, limits);
  const rooms = composeRooms({ engine, writer, clock, limits, report });
  const watching = composeWatching({ engine, writer, clock, limits, report });
  const channels = new Channels(engine, rooms.hub, rooms.life, nodeId, limits, report);
  const findSession = registry.findUser.bind(registry);
  const events: UserEvents = new UserEvents(engine, findSession, (user, event) => invitations.onAcknowledged(user, event));
  const invitations = new Invitations(engine, events, clock, report);
  const inboxes = new Inboxes(engine, events, findSession, clock, limits, metrics, report);
  const storable = new StorableSends(inboxes);
  const deliveries = new Deliveries(engine, nodeId, findSession, (session) => inboxes.feedOf(session), report);
  const sessions = new Sessions(registry, engine, channels, invitations, inboxes, watching.userLife, clock, limits, report);
  const options = { ...config, nodeId, serverVersion, capabilities };
  const login = new Login(options, verifier, registry, sessions, engine, runtime, limits, metrics);

  const { storeForAway } = config;
  const handlers = {
    ...sessionHandlers(registry, sessions, login),
    ...peerMessageHandlers({ engine, deliveries, inboxes, storable, runtime, limits, storeForAway, report }),
    ...channels.handlers,
    ...channelMessageHandlers(engine, rooms.hub, rooms.attributes, runtime, limits),
    ...memberHandlers(engine, limits),
    ...rooms.attributes.handlers,
    ...watching.handlers,
    ...sendingHandler(engine, invitations, clock, limits),
    ...invitationHandlers(engine, invitations, events),
  };
  const observer = {
    onCall: metrics.onCall.bind(metrics),
    onFailure: (operation: string, failure: unknown) => {
      metrics.onFailure();
      logger.error({ err: failure, operation }, "a call failed");
    },
  };
  const dispatcher = new Dispatcher(handlers, limits, () => clock.monotonic(), observer);
  const unaryCalls = new UnaryCalls(dispatcher, (token) => login.verify(token), registry, clock, limits);
  const services = { login, calls: new StreamCalls(dispatcher, limits), clock, limits, report };
  const subscription = await listenAsNode(nodeId, engine.bus, { deliveries, events, inboxes, registry, sessions }, report);
  const timed = [...rooms.timed, sessions, invitations, inboxes];
  for (const part of timed) part.start();

  return {
    accept: (link) => new Stream(link, services),
    unaryCalls,
    sessions,
    metrics,
    health: () => engine.health(),
    async close() {
      for (const part of timed) part.stop();
      unaryCalls.stop();
      await subscription.end();
      await storable.close();
      await engine.close();
    },
  };
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
  const emptyChannels = new EmptyChannels(engine, clock, report);
  const attributes = new ChannelAttributes(engine, writer, emptyChannels, limits);
  const numbers = new MemberNumbers(engine, attributes, clock, limits, report);
  const hub = new Hub({
    bus: engine.bus,
    readSettings: (channel) => attributes.settings(channel),
    onMembersChanged: (channel, { memberNumberMs }) => {
      if (memberNumberMs > 0) numbers.note(channel, memberNumberMs);
    },
    report,
  });
  const life = new ChannelLife(engine.attributes, hub, numbers, emptyChannels, limits);
  const places = new PlaceKeeper(hub, engine.log, clock, report);
  const counts = new CountTeller(hub, engine.channels, clock, limits, report);
  return { hub, life, attributes, timed: [places, counts, emptyChannels, numbers] };
}

/** Who watches whom: presence and the attributes of users. */
function composeWatching({ engine, writer, clock, limits, report }: Materials) {
  const topics = new UserTopics(engine.bus, report);
  const subscriptions = new UserWatches<PresenceSubscription>("presence", topics, limits);
  const watches = new UserWatches<AttributeWatch>("attributes", topics, limits);
  const presence = new PresenceSubscriptions(engine, topics, subscriptions);
  const attributes = new UserAttributes(engine, writer, topics, watches, clock);
  return {
    userLife: new UserLife(presence, attributes, [subscriptions, watches]),
    handlers: { ...presenceHandlers(engine), ...presence.handlers, ...attributes.handlers },
  };
}
