import { type CalleeState, InvitationTrigger } from "../../../gen/aldis/v1/invitation.js";
import type { CallOptions } from "../options.js";
import { UserInvitation } from "./user-invitation.js";
import { checkMove } from "./wrong-call.js";

/** An invitation as its callee holds it. It begins as `INVITATION_RECEIVED`. */
export class IncomingInvitation extends UserInvitation<CalleeState> {
  readonly direction = "incoming";

  /** Accepts. Rejects for example with `INVITATION_ALREADY_ACCEPT` or `INVITATION_ALREADY_END`. */
  async accept(response = "", options: CallOptions = {}): Promise<void> {
    checkMove(this.tracker.invitation, InvitationTrigger.ACCEPT);
    await this.calls.ask("acceptInvitation", { invitationId: this.id, response }, options);
  }

  /** Refuses. Rejects for example with `INVITATION_ALREADY_ACCEPT` or `INVITATION_ALREADY_END`. */
  async refuse(response = "", options: CallOptions = {}): Promise<void> {
    checkMove(this.tracker.invitation, InvitationTrigger.REFUSE);
    await this.calls.ask("refuseInvitation", { invitationId: this.id, response }, options);
  }
}
