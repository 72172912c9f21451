// What a side of an invitation shows and hears, from the versions that reach it. It is pure: what is known and what has come
// give the news. Versions may come twice, late or not at all; what was skipped is told all the same, in the order of a call.
import { type CalleeState, type CallerState, type Invitation, InvitationState } from "../../../gen/aldis/v1/invitation.js";
import { invitationStates, invitationViews } from "../../../gen/aldis/v1/tables/states.js";
import type { InvitationEvents, InvitationNews } from "./events.js";

type Milestone = Exclude<keyof InvitationEvents<unknown>, "stateChanged" | "dtmf">;

/** How one side sees invitations. */
export interface Side<State> {
  /** What this side shows while the server keeps a state. */
  show(state: InvitationState): State;
  /** What must have happened for an invitation to be in a state, as far as this side is told. */
  readonly milestones: Readonly<Record<InvitationState, readonly Milestone[]>>;
}

/** Whoever answers has received it, and what was accepted before it failed was no call. */
export const callerSide: Side<CallerState> = {
  show: (state) => invitationViews[state].caller,
  milestones: {
    [InvitationState.UNSPECIFIED]: [],
    [InvitationState.SENT]: [],
    [InvitationState.RECEIVED]: ["received"],
    [InvitationState.ACCEPT_SENT]: ["received", "accepted"],
    [InvitationState.ACCEPTED]: ["received", "accepted"],
    [InvitationState.REFUSED]: ["received", "refused"],
    [InvitationState.CANCELED]: ["cancelled"],
    [InvitationState.FAILED]: ["failed"],
    [InvitationState.ENDED]: ["received", "accepted", "ended"],
  },
};

/** The acceptance is the callee's own, so it is told only that the caller knows. */
export const calleeSide: Side<CalleeState> = {
  show: (state) => invitationViews[state].callee,
  milestones: {
    [InvitationState.UNSPECIFIED]: [],
    [InvitationState.SENT]: [],
    [InvitationState.RECEIVED]: [],
    [InvitationState.ACCEPT_SENT]: [],
    [InvitationState.ACCEPTED]: ["accepted"],
    [InvitationState.REFUSED]: ["refused"],
    [InvitationState.CANCELED]: ["cancelled"],
    [InvitationState.FAILED]: ["failed"],
    [InvitationState.ENDED]: ["accepted", "ended"],
  },
};

/** What a version tells. Undefined if it is not newer than the known one, if that one is final, or if nobody knows its state. */
export function project<State>(
  side: Side<State>,
  known: Invitation,
  next: Invitation,
): readonly InvitationNews<State>[] | undefined {
  if (next.version <= known.version || isOver(known) || !isKnown(next)) return undefined;
  const state = side.show(next.state);
  const shown = side.show(known.state) === state ? [] : [{ name: "stateChanged", event: { state } } as const];
  const passed = side.milestones[known.state];
  const reached = side.milestones[next.state].filter((milestone) => !passed.includes(milestone));
  return [...shown, ...reached.map((milestone) => newsOf(milestone, next))];
}

/** True if nothing follows. */
export function isOver({ state }: Invitation): boolean {
  return invitationStates[state].terminal;
}

/** True while nobody has answered. */
export function isRinging({ state }: Invitation): boolean {
  return state === InvitationState.SENT || state === InvitationState.RECEIVED;
}

/** False for a state of a later revision of the protocol, and for none. */
export function isKnown({ state }: Invitation): boolean {
  return state !== InvitationState.UNSPECIFIED && state in invitationStates;
}

/** The last version of an invitation that the server no longer knows. */
export function lastVersion(known: Invitation): Invitation {
  const wasAccepted = known.state === InvitationState.ACCEPT_SENT || known.state === InvitationState.ACCEPTED;
  const state = wasAccepted ? InvitationState.ENDED : InvitationState.FAILED;
  return { ...known, state, version: known.version + 1, expiresAtMs: 0 };
}

function newsOf(name: Milestone, { response, endReason, endContent, endedBy }: Invitation): InvitationNews<never, Milestone> {
  switch (name) {
    case "received":
      return { name, event: {} };
    case "accepted":
    case "refused":
      return { name, event: { response } };
    case "cancelled":
      return { name, event: { content: endContent } };
    case "failed":
      return { name, event: { reason: endReason } };
    case "ended":
      return { name, event: { reason: endReason, by: endedBy, content: endContent } };
  }
}
