import { MemberOrder } from "../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../engine/engine.js";
import type { Handlers } from "./call-context.js";
import { type Refusal, refuse } from "./refusal.js";

type MemberOperations = "listMembers" | "getMemberCounts" | "checkMembership";

/** Who is in which channel. */
export function memberHandlers(engine: Engine, limits: Limits): Pick<Handlers, MemberOperations> {
  return {
    async listMembers({ user, session }, { channel, order, maxMembers }) {
      if (!session.memberships.has(channel)) return refuseOutside(channel);
      const { users, count } = await engine.channels.members(
        { appId: user.appId, channel },
        {
          order: order === MemberOrder.RANDOM ? "random" : "latest",
          limit: Math.min(maxMembers || limits.memberListUsers, limits.memberListUsers),
        },
      );
      return { members: users, memberCount: count };
    },

    async getMemberCounts({ user }, { channels }) {
      const counts = await engine.channels.counts(channels.map((channel) => ({ appId: user.appId, channel })));
      return { counts: channels.map((channel, i) => ({ channel, memberCount: counts[i] ?? 0 })) };
    },

    async checkMembership({ user }, { channel, userId }) {
      return { isMember: await engine.channels.isMember({ appId: user.appId, channel }, userId) };
    },
  };
}

/** The refusal of a call that needs membership. */
export function refuseOutside(channel: string): Refusal {
  return refuse(ErrorCode.NOT_IN_CHANNEL, `the session is not in channel "${channel}"; join it first`, { field: "channel" });
}
