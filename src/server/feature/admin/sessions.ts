import { NodeStatistics, type SessionInfo } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Engine } from "../../engine/engine.js";
import type { NodeEntry } from "../../engine/ports/node-directory.js";
import type { Clock } from "../../runtime.js";
import { Refusal, refuse } from "../refusal.js";
import type { AdminHandlers } from "./admin-context.js";
import type { NodeRequests } from "./node-requests.js";
import { markAfter, placeOf, sizeOf } from "./paging.js";

type SessionOperations = "listSessions" | "getSession" | "getStatistics";

/** What an operator sees of sessions and nodes. Each node tells of its own. */
export function sessionHandlers(engine: Engine, requests: NodeRequests, clock: Clock): Pick<AdminHandlers, SessionOperations> {
  async function describe(appId: string, nodeId: string, userIds: readonly string[]): Promise<readonly SessionInfo[]> {
    const value = { appId, userIds: [...userIds] };
    const reply = await requests.ask(nodeId, { $case: "describeSessions", value });
    return reply?.$case === "sessions" ? reply.value.sessions : [];
  }

  async function statisticsOf({ nodeId, silentMs, waitingMessages }: NodeEntry, appId: string): Promise<NodeStatistics> {
    const askedAt = clock.monotonic();
    const reply = await requests.ask(nodeId, { $case: "describeNode", value: { appId } }).catch(() => undefined);
    const seen = { nodeId, silentMs: Math.max(0, Math.round(silentMs)), waitingMessages };
    if (reply?.$case !== "statistics") return NodeStatistics.create({ ...seen, unanswered: true });
    return { ...reply.value, ...seen, roundTripMicros: Math.round((clock.monotonic() - askedAt) * 1000) };
  }

  return {
    async listSessions({ appId, page }) {
      const place = placeOf(page, 1);
      if (place instanceof Refusal) return place;
      const { users, count } = await engine.sessions.list(appId, place?.[0] ?? "", sizeOf(page));
      const byNode = new Map<string, string[]>();
      for (const { userId, nodeId } of users) byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), userId]);
      const told = await Promise.all([...byNode].map(([nodeId, userIds]) => describe(appId, nodeId, userIds)));
      const infoOf = new Map(told.flat().map((info) => [info.userId, info]));
      return {
        sessions: users.flatMap(({ userId }) => infoOf.get(userId) ?? []),
        nextPageToken: markAfter(page, users.length, users.at(-1)?.userId ?? ""),
        sessionCount: count,
      };
    },

    async getSession({ appId, userId }) {
      const entry = await engine.sessions.find({ appId, userId });
      const [session] = entry === undefined ? [] : await describe(appId, entry.nodeId, [userId]);
      return session ? { session } : refuse(ErrorCode.NOT_FOUND, `user "${userId}" has no session`, { field: "user_id" });
    },

    async getStatistics({ appId }, { key }) {
      const app = appId || (key.app ?? "");
      const nodes = await Promise.all((await engine.nodes.list()).map((node) => statisticsOf(node, app)));
      const channelCount = app === "" ? await engine.channels.count() : (await engine.channels.list(app, "", 0)).count;
      // Figures of a whole node are not those of one app.
      const hidden =
        key.app === undefined ? {} : { residentBytes: 0, eventsDelivered: 0, callsAnswered: 0, waitingMessages: 0 };
      return { nodes: nodes.map((node) => ({ ...node, ...hidden })), channelCount };
    },
  };
}
