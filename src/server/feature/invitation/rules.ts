// What an invitation may do, as pure functions over the generated transitions: the time and the state are arguments.
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import {
  type Invitation,
  InvitationEndReason,
  InvitationState,
  InvitationTrigger,
} from "../../../../gen/aldis/v1/invitation.js";
import { invitationStates, nextState } from "../../../../gen/aldis/v1/tables/states.js";
import type { InvitationPatience, InvitationStore, StoredInvitation } from "../../engine/ports/invitation-store.js";
import type { UserKey } from "../../engine/ports/keys.js";
import { type Refusal, refuse } from "../refusal.js";

/** A change that somebody wants. */
export interface Change {
  readonly trigger: InvitationTrigger;
  /** Who wants it. Empty for the server. */
  readonly by: string;
  /** What the one who wants it says: the response, or the content of the end. */
  readonly text?: string;
  /** Why it ends, if it does. */
  readonly reason?: InvitationEndReason;
}

/** After what time both sides are told again of a change that they may not have been told of, in milliseconds. */
export const tellAgainMs = 2_000;
/** How long the caller's client may take to acknowledge an acceptance, in milliseconds. */
const confirmMs = 30_000;
/** How long an accepted call may last, in milliseconds. */
const callMs = 24 * 60 * 60 * 1000;

/** Who may pull which trigger. The others are the server's. */
const roles: Readonly<Partial<Record<InvitationTrigger, "caller" | "callee" | "both">>> = {
  [InvitationTrigger.ACCEPT]: "callee",
  [InvitationTrigger.REFUSE]: "callee",
  [InvitationTrigger.CANCEL]: "caller",
  [InvitationTrigger.END]: "both",
};

/** The invitation after a change, with its next version and timer; or why the change is not possible. */
export function applyChange(stored: StoredInvitation, change: Change, nowMs: number): StoredInvitation | Refusal {
  const { invitation, patience } = stored;
  const refusal = refuseRole(invitation, change);
  if (refusal !== undefined) return refusal;
  const state = nextState(invitationStates, invitation.state, change.trigger);
  if (state === undefined) return refuseState(invitation, change.trigger);
  const over = invitationStates[state].terminal;
  const expiresAtMs = over ? 0 : expiryOf(state, invitation, patience, nowMs);
  const next: Invitation = { ...invitation, state, version: invitation.version + 1, expiresAtMs };
  if (change.trigger === InvitationTrigger.ACCEPT || change.trigger === InvitationTrigger.REFUSE)
    next.response = change.text ?? "";
  if (over) {
    next.endReason = change.reason ?? InvitationEndReason.UNSPECIFIED;
    next.endedBy = change.by;
    if (change.trigger !== InvitationTrigger.REFUSE) next.endContent = change.text ?? "";
  }
  return { ...stored, invitation: next, dueAtMs: dueUntold(next, nowMs) };
}

/** When the timer of a change is due: soon, so that some node tells of it again should this one die before both sides were told. */
export function dueUntold({ expiresAtMs }: Invitation, nowMs: number): number {
  const dueAtMs = nowMs + tellAgainMs;
  return expiresAtMs === 0 ? dueAtMs : Math.min(dueAtMs, expiresAtMs);
}

/** True if a client's acknowledgement is the next change. Until then nobody knows that it has been told. */
export function awaitsAcknowledgement({ state }: Invitation): boolean {
  const acknowledgements = [InvitationTrigger.RECEIVE, InvitationTrigger.CONFIRM];
  return acknowledgements.some((trigger) => nextState(invitationStates, state, trigger) !== undefined);
}

/** When a state ends by itself. */
export function expiryOf(
  state: InvitationState,
  { sentAtMs }: Invitation,
  patience: InvitationPatience,
  nowMs: number,
): number {
  switch (state) {
    case InvitationState.SENT:
      return sentAtMs + Math.min(patience.offlineMs, patience.receiveMs);
    case InvitationState.RECEIVED:
      return nowMs + patience.answerMs;
    case InvitationState.ACCEPT_SENT:
      return nowMs + confirmMs;
    case InvitationState.ACCEPTED:
      return nowMs + callMs;
    default:
      return 0;
  }
}

/** What is due when the timer of an invitation runs out: a change; or both sides are told again, and its timer is moved. 0 is never. */
export function onTimer(
  stored: StoredInvitation,
  calleeOnline: boolean,
  nowMs: number,
): Change | { readonly lookAgainAtMs: number } {
  const { invitation, patience } = stored;
  const { expiresAtMs } = invitation;
  if (expiresAtMs === 0 || nowMs < expiresAtMs) return { lookAgainAtMs: expiresAtMs };
  const timeOut = (reason: InvitationEndReason) => ({ trigger: InvitationTrigger.TIME_OUT, by: "", reason });
  switch (invitation.state) {
    case InvitationState.SENT: {
      const endMs = invitation.sentAtMs + (calleeOnline ? patience.receiveMs : patience.offlineMs);
      if (nowMs < endMs) return { lookAgainAtMs: endMs };
      return timeOut(calleeOnline ? InvitationEndReason.PEER_NO_RESPONSE : InvitationEndReason.PEER_OFFLINE);
    }
    case InvitationState.ACCEPT_SENT:
      return { trigger: InvitationTrigger.CALLER_GONE, by: "", reason: InvitationEndReason.ACCEPT_FAILED };
    case InvitationState.ACCEPTED:
      return timeOut(InvitationEndReason.TOO_LONG);
    default:
      return timeOut(InvitationEndReason.EXPIRED);
  }
}

/** What becomes of an invitation when one of its sides goes offline. Undefined for nothing. */
export function onOffline(invitation: Invitation, userId: string, otherOnline: boolean): Change | undefined {
  if (invitation.state === InvitationState.ACCEPTED) {
    if (otherOnline) return undefined;
    return { trigger: InvitationTrigger.BOTH_GONE, by: "", reason: InvitationEndReason.BOTH_GONE };
  }
  if (invitation.caller !== userId) return undefined;
  return { trigger: InvitationTrigger.CALLER_GONE, by: "", reason: InvitationEndReason.CALLER_GONE };
}

function refuseRole(invitation: Invitation, { trigger, by }: Change): Refusal | undefined {
  const role = roles[trigger];
  if (role === undefined) return undefined;
  if (by !== invitation.caller && by !== invitation.callee) return refuseUnknown();
  if (role === "both" || invitation[role] === by) return undefined;
  const other = role === "caller" ? "cancels; refuse it instead" : "accepts or refuses; cancel it instead";
  return refuse(ErrorCode.NOT_AUTHORIZED, `only the ${role} ${other}`, { field: "invitation_id" });
}

function refuseState({ state }: Invitation, trigger: InvitationTrigger): Refusal {
  const more = { field: "invitation_id", invitationState: state };
  const { name, terminal } = invitationStates[state];
  if (terminal) return refuse(ErrorCode.INVITATION_ALREADY_END, `the invitation is over: ${name}`, more);
  if (trigger === InvitationTrigger.END) {
    return refuse(ErrorCode.INVITATION_NOT_STARTED, "the call has not been accepted; cancel or refuse it instead", more);
  }
  return refuse(ErrorCode.INVITATION_ALREADY_ACCEPT, "the invitation has been accepted; end the call instead", more);
}

/** The invitation in which a user has a part, or the refusal. */
export async function findOwn(store: InvitationStore, { appId, userId }: UserKey, id: string): Promise<Invitation | Refusal> {
  const invitation = (await store.find(appId, id))?.invitation;
  const own = invitation?.caller === userId || invitation?.callee === userId;
  return invitation !== undefined && own ? invitation : refuseUnknown();
}

/** The same for an invitation that does not exist and for one of others: ids must not be probed. */
export function refuseUnknown(): Refusal {
  return refuse(ErrorCode.INVITATION_NOT_FOUND, "there is no such invitation in which the user has a part", {
    field: "invitation_id",
  });
}
