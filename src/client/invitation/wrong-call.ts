// What the client knows to be wrong, without asking the server. The rules are those of the protocol's table.
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type Invitation, InvitationState, InvitationTrigger } from "../../../gen/aldis/v1/invitation.js";
import { invitationStates, nextState } from "../../../gen/aldis/v1/tables/states.js";
import { type AldisError, failure } from "../error.js";
import { isOver } from "./projection.js";

/** Why an invitation cannot be sent. Undefined if it can. */
export function wrongSend(invitation: Invitation, isSending: boolean): AldisError | undefined {
  if (isOver(invitation)) {
    return wrong(ErrorCode.INVITATION_ALREADY_END, "The invitation is over; make a new one with `invite`.", invitation);
  }
  if (!isSending && invitation.state === InvitationState.UNSPECIFIED) return undefined;
  return wrong(ErrorCode.INVITATION_ALREADY_SENT, "The invitation was sent; make a new one with `invite`.", invitation);
}

/** Why an invitation cannot be moved by a trigger. Undefined if it can. */
export function wrongMove(invitation: Invitation, trigger: InvitationTrigger): AldisError | undefined {
  if (nextState(invitationStates, invitation.state, trigger) !== undefined) return undefined;
  const dead = wrongWhenDead(invitation);
  if (dead !== undefined) return dead;
  if (trigger === InvitationTrigger.END) {
    return wrong(ErrorCode.INVITATION_NOT_STARTED, "Nobody has accepted; cancel or refuse it instead.", invitation);
  }
  return wrong(ErrorCode.INVITATION_ALREADY_ACCEPT, "The invitation was accepted; end the call instead.", invitation);
}

/** Why nothing can be said to the other side. Undefined if something can. */
export function wrongWhenDead(invitation: Invitation): AldisError | undefined {
  if (isOver(invitation)) return wrong(ErrorCode.INVITATION_ALREADY_END, "The invitation is over.", invitation);
  if (invitation.state !== InvitationState.UNSPECIFIED) return undefined;
  return wrong(ErrorCode.INVITATION_NOT_STARTED, "Send the invitation first.", invitation);
}

function wrong(code: ErrorCode, message: string, { state }: Invitation): AldisError {
  return failure(code, message, { invitationState: state });
}
