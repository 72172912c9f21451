// What the answers of the admin service look like, as JSON and as rows of tables.
import {
  type Ban,
  type ChannelInfo,
  type NodeStatistics,
  type SessionInfo,
  type TraceStep,
  type WatchEventsResponse,
  WatchedEventKind,
} from "../../../gen/aldis/v1/admin_service.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { nameOf } from "../name-of.js";
import { type Row, time } from "./table.js";

/** An answer with names in place of the numbers of its states. */
export const sessionJson = (session: SessionInfo) => ({ ...session, presence: nameOf(PresenceState, session.presence) });
export const eventJson = (event: WatchEventsResponse) => ({ ...event, kind: nameOf(WatchedEventKind, event.kind) });

export const sessionRow = (session: SessionInfo): Row => ({
  user: session.userId,
  presence: nameOf(PresenceState, session.presence),
  since: time(session.loggedInAtMs),
  heard: time(session.lastHeardAtMs),
  channels: session.channels.length,
  waiting: session.queuedEvents + session.unacknowledgedEvents,
  address: session.address,
  client: session.client,
});

export const sessionFields = (session: SessionInfo): Row => ({
  user: session.userId,
  presence: nameOf(PresenceState, session.presence),
  "logged in": time(session.loggedInAtMs),
  "last heard": time(session.lastHeardAtMs),
  "token expires": time(session.tokenExpiresAtMs),
  device: session.deviceLabel,
  client: session.client,
  address: session.address,
  channels: session.channels.join(" "),
  "queued events": session.queuedEvents,
  "unacknowledged events": session.unacknowledgedEvents,
  "queued bytes": session.queuedBytes,
  node: session.nodeId,
});

export const banRow = ({ userId, channel, untilMs, setAtMs, note }: Ban): Row => ({
  user: userId,
  from: channel === "" ? "(everywhere)" : channel,
  until: untilMs === 0 ? "(for ever)" : time(untilMs),
  set: time(setAtMs),
  note,
});

export const channelRow = ({ channel, memberCount, head, historyMessages, attributes }: ChannelInfo): Row => ({
  channel,
  members: memberCount,
  offset: head?.offset ?? 0,
  history: historyMessages,
  attributes,
});

export const nodeRow = (node: NodeStatistics): Row => ({
  node: node.nodeId,
  version: node.serverVersion,
  "uptime (s)": Math.round(node.uptimeMs / 1000),
  attached: node.attachedSessions,
  detached: node.detachedSessions,
  "memory (MiB)": Math.round(node.residentBytes / 2 ** 20),
  "events sent": node.eventsDelivered,
  calls: node.callsAnswered,
});

/** A node among others. What is not known of one that does not answer stays empty. */
export const clusterRow = (node: NodeStatistics): Row => {
  const told = (value: number): number | string => (node.unanswered ? "" : value);
  return {
    node: node.nodeId,
    version: node.serverVersion,
    "uptime (s)": told(Math.round(node.uptimeMs / 1000)),
    sessions: told(node.attachedSessions + node.detachedSessions),
    channels: told(node.channels),
    "memory (MiB)": told(Math.round(node.residentBytes / 2 ** 20)),
    "silent (ms)": node.silentMs,
    waiting: node.waitingMessages,
    "lag (ms)": node.unanswered ? "no answer" : (node.roundTripMicros / 1000).toFixed(1),
  };
};

export const stepRow = ({ serverTimeMs, nodeId, text }: TraceStep): Row => ({
  time: time(serverTimeMs),
  node: nodeId,
  what: text,
});

export const eventLine = ({ kind, userId, channel, serverTimeMs }: WatchEventsResponse): string =>
  [time(serverTimeMs), nameOf(WatchedEventKind, kind), userId, channel].filter((part) => part !== "").join("  ");
