import type { InvitationEndReason } from "../../../gen/aldis/v1/invitation.js";

/** How an invitation ended. */
export interface InvitationEnd {
  /** `UNSPECIFIED` if the server no longer knows the invitation, so that nobody can say. */
  readonly reason: InvitationEndReason;
  /** Who ended it. Empty if the server did. */
  readonly by: string;
  /** What was said at the end. Empty for nothing. */
  readonly content: string;
}

/** What became of the ringing. */
export type InvitationOutcome =
  | { readonly kind: "accepted" | "refused"; readonly response: string }
  | { readonly kind: "cancelled"; readonly content: string }
  | { readonly kind: "failed"; readonly reason: InvitationEndReason };

/**
 * What an invitation tells, in this order. `State` is `CallerState` or `CalleeState`. Nothing but `dtmf` comes twice, and
 * nothing follows `refused`, `cancelled`, `failed` and `ended`.
 */
export interface InvitationEvents<State> {
  /** What this side shows has changed. Told before the event that says what happened. */
  stateChanged: { readonly state: State };
  /** The callee's client has it. Told to the caller only. */
  received: Record<never, never>;
  /** The caller is told that the callee has accepted; the callee is told that the caller knows. */
  accepted: { readonly response: string };
  refused: { readonly response: string };
  cancelled: { readonly content: string };
  /** It was not answered, or the answer came to nobody. */
  failed: { readonly reason: InvitationEndReason };
  /** The accepted call is over. */
  ended: InvitationEnd;
  /** Telephone digits from the other side. */
  dtmf: { readonly digits: string };
}

/** One event with its name. */
export type InvitationNews<State, Name extends keyof InvitationEvents<State> = keyof InvitationEvents<State>> = {
  readonly [K in Name]: { readonly name: K; readonly event: InvitationEvents<State>[K] };
}[Name];
