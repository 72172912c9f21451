import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { AldisNode } from "../../src/server/compose.js";
import type { Session } from "../../src/server/session/session.js";
import type { Measurement } from "./journal.js";
import type { Scene } from "./scene.js";

/** What the types of the server hide: how much it holds is no part of an interface. */
interface HiddenSessions {
  readonly registry: Iterable<Session>;
  readonly channels: { readonly services: { readonly rooms: { readonly rooms: ReadonlyMap<string, unknown> } } };
}

interface HiddenSession {
  readonly lanes: { readonly lanes: ReadonlyMap<string, unknown> };
}

/** Looks how much of everything there is. */
export function measure({ phase, servers, clients }: Scene, limits: Limits): Measurement {
  const nodes = servers.map(({ node }) => measureNode(node));
  return {
    phase,
    sessions: nodes.flatMap(({ sessions }) => sessions),
    rooms: sum(nodes.map(({ rooms }) => rooms)),
    lanes: sum(nodes.map(({ lanes }) => lanes)),
    serverTimers: sum(servers.map(({ busyTimers }) => busyTimers)),
    clientTimers: sum(clients.map(({ plannedTasks }) => plannedTasks)),
    mostBytes: limits.replayBytes,
    mostEvents: limits.replayEvents,
    connectedClients: clients.filter(({ isConnected }) => isConnected).length,
  };
}

function measureNode(node: AldisNode | undefined): Pick<Measurement, "sessions" | "rooms" | "lanes"> {
  if (node === undefined) return { sessions: [], rooms: 0, lanes: 0 };
  const { registry, channels } = node.sessions as unknown as HiddenSessions;
  const sessions = [...registry];
  const lanesOf = (session: unknown): number => (session as HiddenSession).lanes.lanes.size;
  return {
    sessions: sessions.map(({ user, outbox }) => ({ user: user.userId, bytes: outbox.size.bytes, events: outbox.size.events })),
    rooms: channels.services.rooms.rooms.size,
    lanes: sum(sessions.map(lanesOf)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
