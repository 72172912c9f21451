import type { AttributeChange } from "../../../gen/aldis/v1/attribute.js";
import type { LeaveReason, MembershipState, Recovery } from "../../../gen/aldis/v1/channel.js";
import type { ChannelMessage, Gap } from "../../../gen/aldis/v1/history.js";
import type { AldisError } from "../error.js";
import { fromPayload, type ReceivedPayload } from "../payload.js";

/** A message of a channel. */
export interface ReceivedChannelMessage {
  readonly sender: string;
  readonly payload: ReceivedPayload;
  /** When the server took it, in milliseconds since 1970. */
  readonly serverTimeMs: number;
  /** Its place in the present epoch of the channel. */
  readonly offset: number;
  /** True if this user sent it. */
  readonly own: boolean;
}

/** What a channel tells. */
export interface ChannelEvents {
  message: ReceivedChannelMessage;
  memberJoined: { readonly userId: string };
  memberLeft: { readonly userId: string; readonly reason: LeaveReason };
  memberCount: { readonly memberCount: number };
  /** Notices of members are missing: who wants to know lists the members again. */
  membersChanged: Record<never, never>;
  attributesChanged: AttributeChange;
  /** Messages are missing and will not come. Offsets are 0 if the epoch changed, so that nobody can say which. */
  gap: Gap;
  /** The membership ended without a `leave`. The error says why a membership could not be made anew after a lost session. */
  left: { readonly reason: LeaveReason; readonly error: AldisError | undefined };
  stateChanged: { readonly state: MembershipState };
  /** A try to make the membership anew after a lost session failed. The client tries again by itself. */
  rejoinFailed: { readonly error: AldisError };
  /** The membership was made anew after a lost session. Recovered messages follow. A gap is told as `gap` too. */
  rejoined: { readonly recovery: Recovery; readonly recoveredMessages: number; readonly gap: Gap | undefined };
}

/** What an application gets for the protocol's message. */
export function fromChannelMessage(message: ChannelMessage, userId: string): ReceivedChannelMessage {
  const { sender, serverTimeMs, offset } = message;
  return { sender, payload: fromPayload(message.payload), serverTimeMs, offset, own: sender === userId };
}
