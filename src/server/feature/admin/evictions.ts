import { LeaveReason } from "../../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../../gen/aldis/v1/connection.js";
import type { Engine } from "../../engine/engine.js";
import type { ChannelKey, UserKey } from "../../engine/ports/keys.js";
import type { NodeRequests } from "./node-requests.js";

/** Why an operator takes users out: what their clients hear, and what the other members of a channel do. */
const reasons = {
  kicked: { goodbye: GoodbyeReason.KICKED_BY_SERVER, leave: LeaveReason.KICKED },
  banned: { goodbye: GoodbyeReason.BANNED_BY_SERVER, leave: LeaveReason.BANNED },
} as const;

/** Takes users out, on whatever node they are. Each method resolves when they are out. */
export class Evictions {
  constructor(
    private readonly engine: Engine,
    private readonly requests: NodeRequests,
    /** The nodes of the cluster. */
    private readonly nodes: () => Promise<readonly string[]>,
  ) {}

  /** Takes a user out of a channel, or ends its session for an empty one. True if the user was there. */
  evict(user: UserKey, channel: string, why: keyof typeof reasons): Promise<boolean> {
    const { goodbye, leave } = reasons[why];
    return channel === "" ? this.endSession(user, goodbye) : this.removeUser(user, channel, leave);
  }

  /** Ends a user's session if its token was issued before a time. */
  async endRevoked(user: UserKey, tokenIssuedBeforeMs: number): Promise<void> {
    await this.endSession(user, GoodbyeReason.TOKEN_EXPIRED, tokenIssuedBeforeMs);
  }

  /** Takes everybody out of a channel. Gives how many they were. */
  async empty(channel: ChannelKey): Promise<number> {
    const value = { ...channel, userId: "", reason: LeaveReason.CHANNEL_DISMISSED };
    const counts = (await this.nodes()).map((nodeId) => this.ask(nodeId, { $case: "removeFromChannel", value }));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  private async endSession(user: UserKey, reason: GoodbyeReason, tokenIssuedBeforeMs = 0): Promise<boolean> {
    const entry = await this.engine.sessions.find(user);
    if (entry === undefined) return false;
    const value = { ...user, reason, tokenIssuedBeforeMs };
    return (await this.ask(entry.nodeId, { $case: "endUserSession", value })) > 0;
  }

  private async removeUser(user: UserKey, channel: string, reason: LeaveReason): Promise<boolean> {
    const entry = await this.engine.sessions.find(user);
    if (entry === undefined) return false;
    return (await this.ask(entry.nodeId, { $case: "removeFromChannel", value: { ...user, channel, reason } })) > 0;
  }

  private async ask(...[nodeId, request]: Parameters<NodeRequests["ask"]>): Promise<number> {
    const reply = await this.requests.ask(nodeId, request);
    return reply?.$case === "removed" ? reply.value : 0;
  }
}
