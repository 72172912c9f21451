import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { SessionDirectory } from "../engine/ports/session-directory.js";
import type { Claim } from "./claim.js";
import type { Invitations } from "./invitation/invitations.js";
import type { Unfinished } from "./unfinished.js";
import type { UserLife } from "./user-life.js";

/** What is known of a session that is over. */
interface Known {
  /** True if others saw the user offline already. */
  readonly wasOffline: boolean;
  /** True if the user's attributes end with the session. */
  readonly endsAttributes: boolean;
}

/** The end of sessions as others see it: the claim is free, and unless the user has a newer session it is shown offline. */
export class UserDepartures {
  constructor(
    private readonly sessions: SessionDirectory,
    private readonly userLife: UserLife,
    private readonly invitations: Invitations,
    private readonly unfinished: Unfinished,
  ) {}

  /** Ends the claim of a session of this node. If the engine cannot serve now, it is done later. */
  async end(claim: Claim, why: string, known: Known): Promise<void> {
    let tries = 0;
    await this.unfinished.run(async () => {
      tries += 1;
      const wasOwner = await this.sessions.release(claim.user, claim.epoch);
      // A try that failed may have freed the claim all the same.
      const mayHaveBeen = tries > 1 && (await this.sessions.find(claim.user)) === undefined;
      if (wasOwner || mayHaveBeen) await this.tell(claim, why, known);
    });
  }

  /** Ends the claim of a session whose node has fallen. False if it is not the user's present one. */
  async endLeft(claim: Claim, why: string): Promise<boolean> {
    const [presence] = await this.sessions.presence([claim.user]);
    if (!(await this.sessions.release(claim.user, claim.epoch))) return false;
    // Only attributes that end with a session have a timer, so nothing else ends.
    await this.tell(claim, why, { wasOffline: presence?.state === PresenceState.OFFLINE, endsAttributes: true });
    return true;
  }

  private async tell(claim: Claim, why: string, { wasOffline, endsAttributes }: Known): Promise<void> {
    if (!wasOffline) this.userLife.left(claim.user, why);
    await this.unfinished.run(() => this.userLife.gone({ ...claim, endsAttributes }));
    await this.unfinished.run(() => this.invitations.onOffline(claim.user));
  }
}
