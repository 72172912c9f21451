import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Engine } from "../engine/engine.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { Clock } from "../runtime.js";
import { type Refusal, refuse } from "./refusal.js";

/** Whom an operator keeps out: banned users, and tokens that were revoked. */
export class Admittance {
  constructor(
    private readonly engine: Pick<Engine, "bans" | "revocations">,
    private readonly clock: Clock,
  ) {}

  /** The refusal of a user who is banned from a channel or from everywhere. An empty channel asks for everywhere only. */
  async refuseBanned(user: UserKey, channel: string): Promise<Refusal | undefined> {
    const nowMs = this.clock.now();
    const ban = await this.engine.bans.find(user, channel, nowMs);
    if (ban === undefined) return undefined;
    const where = ban.channel === "" ? "here" : `from channel "${ban.channel}"`;
    const retryAfterMs = ban.untilMs === 0 ? 0 : ban.untilMs - nowMs;
    return refuse(ErrorCode.USER_BANNED, `the user is banned ${where}`, { retryAfterMs });
  }

  /** The refusal of a user's token that was issued before its tokens were revoked. */
  async refuseRevoked(user: UserKey, issuedAtMs: number): Promise<Refusal | undefined> {
    if (issuedAtMs >= (await this.engine.revocations.find(user))) return undefined;
    return refuse(ErrorCode.INVALID_TOKEN, "the token has been revoked; get a new one", { field: "token" });
  }
}
