import type {
  DescribeNode,
  EndUserSession,
  NodeReply,
  NodeRequest,
  RemoveFromChannel,
} from "../../../../gen/aldis/node/v1/node.js";
import { NodeStatistics, TraceMessageRequest } from "../../../../gen/aldis/v1/admin_service.js";
import type { NodeAnswerer } from "../../feature/admin/node-requests.js";
import { subjectOf } from "../../feature/admin/traces.js";
import type { Channels } from "../../feature/channel.js";
import type { TraceMemory } from "../../feature/trace.js";
import type { Clock } from "../../runtime.js";
import type { Registry } from "../registry.js";
import type { Session } from "../session.js";
import type { Sessions } from "../sessions.js";
import { sessionInfo } from "./session-info.js";

export interface NodeAnswerServices {
  readonly nodeId: string;
  readonly serverVersion: string;
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly channels: Channels;
  /** How many channels of an app, or of all apps, have members here. */
  readonly openChannels: (appId: string) => number;
  readonly trace: TraceMemory;
  readonly totals: { readonly eventsSent: number; readonly callsAnswered: number };
  /** The memory that the process holds, in bytes. */
  readonly residentBytes: () => number;
  readonly clock: Clock;
}

/** What this node does and tells when a node asks it for an operator. */
export class NodeAnswers implements NodeAnswerer {
  private readonly startedAt: number;

  constructor(private readonly services: NodeAnswerServices) {
    this.startedAt = services.clock.monotonic();
  }

  async answer(request: NonNullable<NodeRequest["request"]>): Promise<NonNullable<NodeReply["reply"]>> {
    switch (request.$case) {
      case "endUserSession":
        return { $case: "removed", value: await this.endSession(request.value) };
      case "removeFromChannel":
        return { $case: "removed", value: await this.removeFromChannel(request.value) };
      case "describeSessions": {
        const { appId, userIds } = request.value;
        const sessions = userIds.flatMap((userId) => this.services.registry.findUser({ appId, userId }) ?? []);
        return { $case: "sessions", value: { sessions: sessions.map((session) => this.describe(session)) } };
      }
      case "describeNode":
        return { $case: "statistics", value: this.statistics(request.value) };
      case "readTrace": {
        const subject = subjectOf(TraceMessageRequest.create(request.value.subject));
        const value = subject === undefined ? { steps: [], truncated: false } : this.services.trace.read(subject);
        return { $case: "trace", value };
      }
    }
  }

  private async endSession({ appId, userId, reason, tokenIssuedBeforeMs }: EndUserSession): Promise<number> {
    const { registry, sessions } = this.services;
    const session = registry.findUser({ appId, userId });
    if (session === undefined) return 0;
    if (tokenIssuedBeforeMs !== 0 && session.tokenIssuedAtMs >= tokenIssuedBeforeMs) return 0;
    await sessions.end(session, reason);
    return 1;
  }

  private async removeFromChannel({ appId, channel, userId, reason }: RemoveFromChannel): Promise<number> {
    const { registry, channels } = this.services;
    if (userId !== "") {
      const session = registry.findUser({ appId, userId });
      // Also one that is about to join: the removal waits behind the join.
      return session !== undefined && (await channels.remove(session, channel, reason)) ? 1 : 0;
    }
    const members = [...registry].filter(({ user, memberships }) => user.appId === appId && memberships.has(channel));
    const removed = await Promise.all(members.map((session) => channels.remove(session, channel, reason)));
    return removed.filter(Boolean).length;
  }

  private describe(session: Session) {
    return sessionInfo(session, this.services.nodeId, this.services.clock);
  }

  private statistics({ appId }: DescribeNode): NodeStatistics {
    const { nodeId, serverVersion, registry, openChannels, totals, residentBytes, clock } = this.services;
    const sessions = [...registry].filter((session) => appId === "" || session.user.appId === appId);
    const attachedSessions = sessions.filter((session) => session.attached).length;
    return NodeStatistics.create({
      nodeId,
      serverVersion,
      uptimeMs: Math.round(clock.monotonic() - this.startedAt),
      attachedSessions,
      detachedSessions: sessions.length - attachedSessions,
      residentBytes: residentBytes(),
      eventsDelivered: totals.eventsSent,
      callsAnswered: totals.callsAnswered,
      channels: openChannels(appId),
    });
  }
}
