// What the client knows to be wrong, without asking the server. The rules are those of the protocol's table.
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type Invitation, InvitationState, InvitationTrigger } from "../../../gen/aldis/v1/invitation.js";
import { invitationStates, nextState } from "../../../gen/aldis/v1/tables/states.js";
import { type AldisError, failure } from "../error.js";
import { isOver } from "./projection.js";

/** Throws an `AldisError` unless an invitation can be sent. */
export function checkSend(invitation: Invitation, isSending: boolean): void {
  if (isOver(invitation)) {
    throw wrong(ErrorCode.INVITATION_ALREADY_END, "The invitation is over; make a new one with `invite`.", invitation);
  }
  if (isSending || invitation.state !== InvitationState.UNSPECIFIED) {
    throw wrong(ErrorCode.INVITATION_ALREADY_SENT, "The invitation was sent; make a new one with `invite`.", invitation);
  }
}

/** Throws an `AldisError` unless a trigger can move an invitation. */
export function checkMove(invitation: Invitation, trigger: InvitationTrigger): void {
  if (nextState(invitationStates, invitation.state, trigger) !== undefined) return;
  checkLive(invitation);
  if (trigger === InvitationTrigger.END) {
    throw wrong(ErrorCode.INVITATION_NOT_STARTED, "Nobody has accepted; cancel or refuse it instead.", invitation);
  }
  throw wrong(ErrorCode.INVITATION_ALREADY_ACCEPT, "The invitation was accepted; end the call instead.", invitation);
}

/** Throws an `AldisError` unless an invitation was sent and is not over. */
export function checkLive(invitation: Invitation): void {
  if (isOver(invitation)) throw wrong(ErrorCode.INVITATION_ALREADY_END, "The invitation is over.", invitation);
  if (invitation.state === InvitationState.UNSPECIFIED) {
    throw wrong(ErrorCode.INVITATION_NOT_STARTED, "Send the invitation first.", invitation);
  }
}

function wrong(code: ErrorCode, message: string, { state }: Invitation): AldisError {
  return failure(code, message, { invitationState: state });
}
