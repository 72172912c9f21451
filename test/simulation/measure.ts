import type { AldisNode } from "../../src/server/compose.js";
import type { Measurement } from "./journal.js";
import type { World } from "./world.js";

/** Looks how much of everything there is, past what the types hide: memory is not part of an interface. */
export function measure(world: World): Measurement {
  const { node } = world.server;
  return {
    phase: world.phase,
    ...measureNode(node),
    serverTimers: world.server.busyTimers,
    clientTimers: world.clients.reduce((sum, client) => sum + client.plannedTasks, 0),
    mostBytes: world.mostBytes,
    mostEvents: world.mostEvents,
    connectedClients: world.clients.filter(({ isConnected }) => isConnected).length,
  };
}

function measureNode(node: AldisNode | undefined): Pick<Measurement, "sessions" | "rooms" | "lanes" | "deliveries"> {
  if (node === undefined) return { sessions: [], rooms: 0, lanes: 0, deliveries: 0 };
  const sessions = [...node.sessions["registry"]];
  const hub = node.sessions["channels"]["rooms"] as unknown as { readonly rooms: ReadonlyMap<string, unknown> };
  return {
    sessions: sessions.map(({ user, outbox }) => ({ user: user.userId, bytes: outbox.size.bytes, events: outbox.size.events })),
    rooms: hub.rooms.size,
    lanes: sessions.reduce((sum, session) => sum + session["lanes"]["tails"].size, 0),
    deliveries: 0,
  };
}
