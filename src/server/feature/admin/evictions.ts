import { LeaveReason } from "../../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Engine } from "../../engine/engine.js";
import type { ChannelKey, UserKey } from "../../engine/ports/keys.js";
import type { SessionEntry } from "../../engine/ports/session-directory.js";
import { type Refusal, refuse } from "../refusal.js";
import type { NodeRequests } from "./node-requests.js";

/** Why an operator takes users out: what their clients hear, and what the other members of a channel do. */
const reasons = {
  kicked: { goodbye: GoodbyeReason.KICKED_BY_SERVER, leave: LeaveReason.KICKED },
  banned: { goodbye: GoodbyeReason.BANNED_BY_SERVER, leave: LeaveReason.BANNED },
} as const;

/** When an operator may try again whose request a node did not answer, in milliseconds. */
const retryAfterMs = 5000;

/** How often a user is looked for who moves from node to node. */
const triesMax = 3;

/** Takes users out, on whatever node they are. Each method resolves when they are out. */
export class Evictions {
  constructor(
    private readonly engine: Engine,
    private readonly requests: NodeRequests,
    /** The nodes of the cluster. */
    private readonly nodes: () => Promise<readonly string[]>,
  ) {}

  /**
   * Takes a user out of a channel, or ends its session for an empty one. True if the user was there. A refusal if the node of the
   * session does not answer: if it has died, others see the user go within 33 s.
   */
  evict(user: UserKey, channel: string, why: keyof typeof reasons): Promise<boolean | Refusal> {
    const { goodbye, leave } = reasons[why];
    if (channel === "") return this.endSession(user, goodbye);
    return this.askNodeOf(user, { $case: "removeFromChannel", value: { ...user, channel, reason: leave } });
  }

  /** Ends a user's session if its token was issued before a time. */
  endRevoked(user: UserKey, tokenIssuedBeforeMs: number): Promise<boolean | Refusal> {
    return this.endSession(user, GoodbyeReason.TOKEN_EXPIRED, tokenIssuedBeforeMs);
  }

  /** Takes everybody out of a channel. Gives how many they were. */
  async empty(channel: ChannelKey): Promise<number> {
    const value = { ...channel, userId: "", reason: LeaveReason.CHANNEL_DISMISSED };
    const counts = (await this.nodes()).map((nodeId) => this.ask(nodeId, { $case: "removeFromChannel", value }));
    return (await Promise.all(counts)).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  }

  private endSession(user: UserKey, reason: GoodbyeReason, tokenIssuedBeforeMs = 0): Promise<boolean | Refusal> {
    return this.askNodeOf(user, { $case: "endUserSession", value: { ...user, reason, tokenIssuedBeforeMs } });
  }

  /** Asks the node of a user's session; the next one if the user has logged in elsewhere meanwhile. */
  private async askNodeOf(user: UserKey, request: Parameters<NodeRequests["ask"]>[1]): Promise<boolean | Refusal> {
    let asked: SessionEntry | undefined;
    let removed: number | undefined = 0;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const entry = await this.engine.sessions.find(user);
      if (entry === undefined) return false;
      if (entry.epoch === asked?.epoch) break;
      asked = entry;
      removed = await this.ask(entry.nodeId, request);
      if (removed !== undefined && removed > 0) return true;
    }
    if (removed !== undefined) return false;
    const message = `the node "${asked?.nodeId}", which has the session of user "${user.userId}", does not answer; try again`;
    return refuse(ErrorCode.UNAVAILABLE, message, { retryAfterMs });
  }

  /** How many a node has taken out. Undefined if it does not answer. */
  private async ask(...[nodeId, request]: Parameters<NodeRequests["ask"]>): Promise<number | undefined> {
    const reply = await this.requests.ask(nodeId, request);
    if (reply === undefined) return undefined;
    return reply.$case === "removed" ? reply.value : 0;
  }
}
