import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";

/** What the passing of time depends on: plain numbers, in milliseconds of the monotonic clock, but for the token's times of day. */
export interface Life {
  /** When something was last heard of the client. */
  readonly heardAt: number;
  /** When the link was lost. Undefined while there is one. */
  readonly detachedAt: number | undefined;
  /** Since when the queue has been full while there was a link. Undefined if it is not. */
  readonly fullSince: number | undefined;
  /** When the token expires, as a time of day. 0 for never. */
  readonly tokenExpiresAt: number;
}

/** What is due for a session at a moment. A pure function of its life: nothing is remembered but what was told already. */
export interface Due {
  /** How others see the user. */
  readonly presence: PresenceState;
  /** The link is dead or stuck, and goes. */
  readonly link: "keep" | "silent" | "slow";
  /** What the client has to know of its token. */
  readonly token: "valid" | "expiring" | "expired" | "over";
  /** The session waited long enough to be resumed. */
  readonly over: boolean;
}

export function dueAt(life: Life, monotonic: number, now: number, limits: Limits): Due {
  const silence = monotonic - life.heardAt;
  return {
    presence: presenceAfter(silence, limits),
    link: linkAfter(life, silence, monotonic, limits),
    token: tokenAt(life.tokenExpiresAt, now, limits),
    over: life.detachedAt !== undefined && monotonic - life.detachedAt >= limits.resumeWindowMs,
  };
}

function presenceAfter(silence: number, limits: Limits): PresenceState {
  if (silence >= limits.presenceGraceMs) return PresenceState.OFFLINE;
  return silence >= limits.unreachableAfterMs ? PresenceState.UNREACHABLE : PresenceState.ONLINE;
}

function linkAfter({ detachedAt, fullSince }: Life, silence: number, monotonic: number, limits: Limits): Due["link"] {
  if (detachedAt !== undefined) return "keep";
  if (silence >= limits.silenceTimeoutMs) return "silent";
  return fullSince !== undefined && monotonic - fullSince >= limits.slowConsumerMs ? "slow" : "keep";
}

function tokenAt(expiresAt: number, now: number, limits: Limits): Due["token"] {
  if (expiresAt === 0 || now < expiresAt - limits.tokenWarningMs) return "valid";
  if (now < expiresAt) return "expiring";
  return now < expiresAt + limits.tokenGraceMs ? "expired" : "over";
}
