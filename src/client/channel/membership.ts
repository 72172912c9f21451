// The state machine of a membership. It is pure: a membership and a trigger give the next one and what is to be sent.
import { MembershipState, MembershipTrigger } from "../../../gen/aldis/v1/channel.js";
import { membershipStates, nextState } from "../../../gen/aldis/v1/tables/states.js";

export interface Membership {
  readonly state: MembershipState;
  /** True while the membership is made anew in a new session, by the client itself. */
  readonly rejoining: boolean;
}

export interface MembershipStep {
  readonly membership: Membership;
  /** What is to be sent. Undefined for nothing. */
  readonly send: "join" | "leave" | undefined;
}

export const initialMembership: Membership = { state: MembershipState.NOT_JOINED, rejoining: false };

/** Takes a trigger. Undefined if it means nothing in the present state. */
export function stepMembership(membership: Membership, trigger: MembershipTrigger): MembershipStep | undefined {
  const state = nextState(membershipStates, membership.state, trigger);
  if (state === undefined) return undefined;
  const sessionLost = trigger === MembershipTrigger.SESSION_LOST;
  const wasInside = membership.rejoining || membership.state === MembershipState.JOINED;
  const joining = state === MembershipState.JOINING;
  return {
    membership: { state, rejoining: joining && sessionLost && wasInside },
    send: joining ? "join" : trigger === MembershipTrigger.LEAVE ? "leave" : undefined,
  };
}
