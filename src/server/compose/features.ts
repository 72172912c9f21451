import type { Hub } from "../fanout/hub.js";
import { Admittance } from "../feature/admittance.js";
import { AppServers } from "../feature/app-server/app-servers.js";
import { AppServerRules } from "../feature/app-server/rules.js";
import { systemAppServerNetwork } from "../feature/app-server/system-network.js";
import { AttributeEnds } from "../feature/attribute/attribute-ends.js";
import { AttributeWriter } from "../feature/attribute/attribute-writer.js";
import { Capacity } from "../feature/capacity.js";
import { Channels } from "../feature/channel.js";
import { channelMessageHandlers } from "../feature/channel-message.js";
import { Deliveries } from "../feature/deliveries.js";
import { Happenings } from "../feature/happenings.js";
import { Inboxes } from "../feature/inbox/inboxes.js";
import { StorableSends } from "../feature/inbox/storable-sends.js";
import { invitationHandlers } from "../feature/invitation/calls.js";
import { Invitations } from "../feature/invitation/invitations.js";
import { sendingHandler } from "../feature/invitation/sending.js";
import { memberHandlers } from "../feature/member.js";
import { peerMessageHandlers } from "../feature/peer-message.js";
import { TraceMemory } from "../feature/trace.js";
import { Unfinished } from "../feature/unfinished.js";
import { UserDepartures } from "../feature/user-departures.js";
import { UserEvents } from "../feature/user-events.js";
import type { Metrics } from "../observe/metrics.js";
import { deliveryObserver } from "../observe/observers.js";
import { noTracer } from "../observe/tracer.js";
import { randomId } from "../runtime.js";
import { Remains } from "../session/remains.js";
import { Sessions } from "../session/sessions.js";
import { type Foundation, type NodeParts, processBytes } from "./foundation.js";
import { composeRooms } from "./rooms.js";
import { composeWatching } from "./watching.js";

export type Features = ReturnType<typeof composeFeatures>;

/** What users call, and what happens to users. */
export function composeFeatures(foundation: Foundation) {
  const { parts, nodeId, engine, registry, metrics, clock, limits, report } = foundation;
  const { config, runtime } = parts;
  const writer = new AttributeWriter(engine.attributes, clock, limits);
  const unfinished = new Unfinished(clock, report);
  const materials = { engine, writer, clock, limits, unfinished, report };
  const rooms = composeRooms(materials);
  const { hub, life } = rooms;
  const trace = new TraceMemory(nodeId, clock);
  const happenings = new Happenings(engine.bus, randomId(runtime, 64), clock, report);
  const watching = composeWatching(materials, { happenings, trace });
  const admittance = new Admittance(engine, clock);
  const capacity = composeCapacity(foundation, hub);
  const guards = { admittance, capacity };
  const channels = new Channels({ engine, rooms: hub, life, ...guards, happenings, nodeId, limits, unfinished, report });
  const findSession = registry.findUser.bind(registry);
  const events: UserEvents = new UserEvents(engine, findSession, (user, event) => invitations.onAcknowledged(user, event));
  const invitations = new Invitations(engine, events, trace, clock, unfinished, report);
  const observer = { onInboxLoss: metrics.onInboxLoss.bind(metrics), note: trace.note.bind(trace) };
  const inboxes = new Inboxes(engine, events, findSession, clock, limits, observer, unfinished, report);
  const storable = new StorableSends(inboxes);
  const observeDelivery = deliveryObserver(metrics, parts.tracer ?? noTracer, clock, report);
  const feedOf = inboxes.feedOf.bind(inboxes);
  const deliveries = new Deliveries(engine, nodeId, findSession, feedOf, unfinished, report, observeDelivery);
  const departures = new UserDepartures(engine.sessions, watching.userLife, invitations, unfinished);
  const sessions = new Sessions(
    registry,
    engine,
    channels,
    invitations,
    inboxes,
    storable,
    watching.userLife,
    departures,
    unfinished,
    clock,
    limits,
    report,
  );
  const remains = new Remains(engine, departures, channels);
  const attributeEnds = new AttributeEnds(engine, watching.attributes, rooms.attributes, clock, report);

  const { storeForAway } = config;
  const sending = { engine, deliveries, storable, unfinished, trace, runtime, limits, storeForAway, report };
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
  const timed = [happenings, ...rooms.timed, attributeEnds, sessions, invitations, inboxes, unfinished];
  const messages = { deliveries, events, inboxes, storable, peerMessages, channelMessages };
  const parties = { channels, hub, sessions, remains, unfinished, admittance, capacity, trace, happenings };
  return { ...messages, ...parties, handlers, timed };
}

function composeCapacity({ parts, registry, metrics, clock, limits, appLimits }: Foundation, hub: Hub): Capacity {
  const { residentBytes = processBytes, apps } = parts;
  const load = {
    sessions: () => registry.sessions(),
    sessionsOf: (appId: string) => registry.sessionsOf(appId),
    channels: () => hub.size,
    channelsOf: (appId: string) => hub.sizeOf(appId),
    residentBytes,
  };
  metrics.apps.watch({
    get ids() {
      return apps?.ids ?? [];
    },
    ...load,
  });
  return new Capacity(load, clock, limits, appLimits, (limit) => metrics.onLimit(limit));
}

function composeAppServers({ config, runtime, appServerNetwork = systemAppServerNetwork }: NodeParts, metrics: Metrics) {
  const onOpen = metrics.onAppServerMessages.bind(metrics);
  return new AppServers(appServerNetwork, new AppServerRules(config), runtime.clock, config.limits, onOpen);
}
